/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define TEXT_SIZE 2048

static const char *log_name = "packet-keys";

void
log_init(const char *name)
{
	log_name = name;
	openlog(log_name, LOG_PID, LOG_AUTHPRIV);
}

/* One call, so that lines of parallel processes stay whole.  There is nobody
 * to tell when standard error is closed. */
static void
put_error(const char *text)
{
	struct iovec iov[] = {{(char *)(uintptr_t)log_name, strlen(log_name)},
	    {": ", 2}, {(char *)(uintptr_t)text, strlen(text)}, {"\n", 1}};

	if (writev(STDERR_FILENO, iov, 4) == -1)
		return;
}

static void __attribute__((format(printf, 2, 0)))
format(char text[TEXT_SIZE], const char *fmt, va_list ap)
{
	char raw[TEXT_SIZE];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	(void)text_clean(text, TEXT_SIZE, raw, strlen(raw));
}

void
log_line(int priority, const char *fmt, ...)
{
	char text[TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	format(text, fmt, ap);
	va_end(ap);
	syslog(priority, "%s", text);
	put_error(text);
}

void
log_aside(const char *fmt, ...)
{
	char text[TEXT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	format(text, fmt, ap);
	va_end(ap);
	put_error(text);
}
