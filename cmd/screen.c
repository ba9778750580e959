/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/packet-keys.h"
#include "cmd/screen.h"

#define WIDTH_USUAL 80
#define WIDTH_MAX 10000

/* 0: nobody looks at it. */
static size_t
width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {0};
	long n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	n = columns == NULL ? 0 : strtol(columns, NULL, 10);
	if (n > 0 && n <= WIDTH_MAX)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
		return size.ws_col;
	return WIDTH_USUAL;
}

static int
put(void *ctx, const char *line, size_t len)
{
	(void)ctx;
	(void)len;
	return puts(line) == EOF ? -1 : 0;
}

int
screen_table(const struct table *t)
{
	if (table_write(t, width(), put, NULL) == 0)
		return 0;
	return complain(
	    -1, ferror(stdout) ? "cannot write the output" : "no memory");
}

int
screen_end(int code, int failed)
{
	if (fflush(stdout) == EOF || ferror(stdout))
		return complain(failed, "cannot write the output");
	return code;
}
