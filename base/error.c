/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

static void
set_clean(struct error *err, const char *text)
{
	(void)text_clean(err->text, sizeof(err->text), text, strlen(text));
}

int
error_set(struct error *err, const char *fmt, ...)
{
	char text[2 * ERROR_SIZE];
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	set_clean(err, text);
	return -1;
}

int
error_errno(struct error *err, const char *fmt, ...)
{
	char text[2 * ERROR_SIZE];
	int saved = errno;
	size_t len;
	va_list ap;

	if (err == NULL)
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text) / 2, fmt, ap);
	va_end(ap);
	len = strlen(text);
	(void)snprintf(text + len, sizeof(text) - len, ": %s", strerror(saved));
	set_clean(err, text);
	errno = saved;
	return -1;
}
