/*
 * Messages of the programs: syslog(3), facility authpriv, and standard error.
 * Only cmd/ calls this; no connection is made before the first message.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* name: the program's, for both; must stay valid. */
void log_init(const char *name);
/* Control characters in the result become '?'. LOG_ERR, LOG_INFO … */
void log_line(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same to standard error alone. */
void log_aside(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
