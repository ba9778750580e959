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

static const char *log_name = "packet-keys";

void
log_init(const char *name)
{
	log_name = name;
	openlog(log_name, LOG_PID, LOG_AUTHPRIV);
}

void
log_line(int priority, const char *fmt, ...)
{
	char raw[2048], text[2048];
	struct iovec iov[4];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	iov[0] = (struct iovec){(char *)(uintptr_t)log_name, strlen(log_name)};
	iov[1] = (struct iovec){": ", 2};
	iov[2].iov_base = text;
	iov[2].iov_len = text_clean(text, sizeof(text), raw, strlen(raw));
	iov[3] = (struct iovec){"\n", 1};
	syslog(priority, "%s", text);
	/* One call, so that lines of parallel processes stay whole.  There is
	 * nobody to tell when standard error is closed. */
	if (writev(STDERR_FILENO, iov, 4) == -1)
		return;
}
