/*
 * syslog(3) into memory, and standard error into nothing.  Include it after
 * cmocka.h and scratch.h.
 */
#ifndef TESTS_UNIT_SYSLOG_FIXTURE_H
#define TESTS_UNIT_SYSLOG_FIXTURE_H

#include <sys/mman.h>

#include <syslog.h>

/* Shared with children; each line is "<priority>text\n". */
struct said {
	unsigned n;
	size_t len;
	char text[1 << 18];
};

static struct said *said;

/* In place of glibc's, by either name. */
void syslog_catch(int priority, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
void
syslog_catch(int priority, const char *fmt, va_list ap)
{
	char line[2200];
	size_t at;
	int len, n;

	n = snprintf(line, sizeof(line), "<%d>", priority);
	len = n + vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, fmt, ap);
	line[len] = '\n';
	at = __atomic_fetch_add(&said->len, (size_t)len + 1, __ATOMIC_RELAXED);
	if (at + (size_t)len + 1 < sizeof(said->text))
		memcpy(said->text + at, line, (size_t)len + 1);
	(void)__atomic_fetch_add(&said->n, 1, __ATOMIC_RELAXED);
}

#undef syslog /* clang's headers have a macro of that name */
void syslog(int priority, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void
syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	syslog_catch(priority, fmt, ap);
	va_end(ap);
}

void __syslog_chk(int priority, int flag, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void
__syslog_chk(int priority, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	syslog_catch(priority, fmt, ap);
	va_end(ap);
}

static inline void
said_nothing(void)
{
	memset(said, 0, sizeof(*said));
}

/* The last line, without its end. */
static inline const char *
said_last(void)
{
	static char line[2200];
	const char *p = said->text, *end = said->text + said->len;

	line[0] = '\0';
	if (said->len == 0)
		return line;
	for (p = end - 1; p > said->text && p[-1] != '\n';)
		p--;
	(void)snprintf(line, sizeof(line), "%.*s", (int)(end - 1 - p), p);
	return line;
}

static inline int
said_setup(void **state)
{
	int null = open("/dev/null", O_WRONLY);

	(void)state;
	said = mmap(NULL, sizeof(*said), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* Its own words go to standard output. */
	return said == MAP_FAILED || dup2(null, 2) == -1 || close(null) == -1
	    ? -1
	    : 0;
}

#endif
