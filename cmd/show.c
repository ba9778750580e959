/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/text.h"
#include "cmd/packet-keys.h"

int
complain(int code, const char *fmt, ...)
{
	char raw[1024], text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	(void)text_clean(text, sizeof(text), raw, strlen(raw));
	(void)fprintf(stderr, "packet-keys: %s\n", text);
	return code;
}

int
parse_json_operands(
    int argc, char **argv, bool *json, const char **operands, int max)
{
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	int ch, n = 0;

	*json = false;
	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (ch != 'j')
			return -1;
		*json = true;
	}
	while (optind < argc && n < max)
		operands[n++] = argv[optind++];
	if (optind != argc)
		return complain(-1, "%s: too many arguments", argv[0]);
	return n;
}

int
parse_json_operand(int argc, char **argv, bool *json, const char **operand)
{
	if (operand != NULL)
		*operand = NULL;
	return parse_json_operands(
		   argc, argv, json, operand, operand == NULL ? 0 : 1) == -1
	    ? -1
	    : 0;
}

int
print_json(json_t *value)
{
	int r;

	if (value == NULL)
		return complain(-1, "no memory");
	r = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(value);
	if (r == -1 || putchar('\n') == EOF || fflush(stdout) == EOF)
		return complain(-1, "cannot write the output");
	return 0;
}

char *
stamp_text(char dst[32], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (ms <= 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(dst, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)text_copy(dst, 32, "-");
	return dst;
}

json_t *
stamp_json(int64_t ms)
{
	char text[32];

	return ms <= 0 ? json_null() : json_string(stamp_text(text, ms));
}

json_t *
clean_json(const char *s)
{
	char text[2 * LIMIT_TEXT];

	(void)text_clean(text, sizeof(text), s, strlen(s));
	return json_string(text);
}
