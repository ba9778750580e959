/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/check.h"
#include "cmd/packet-keys.h"

static void __attribute__((format(printf, 2, 0)))
say(const char *word, const char *fmt, va_list ap)
{
	char raw[2048], text[2048];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	(void)text_clean(text, sizeof(text), raw, strlen(raw));
	(void)printf("%-5s %s\n", word, text);
}

void
check_ok(struct check *c, const char *fmt, ...)
{
	va_list ap;

	(void)c;
	va_start(ap, fmt);
	say("ok", fmt, ap);
	va_end(ap);
}

void
check_warn(struct check *c, const char *fmt, ...)
{
	va_list ap;

	c->warned++;
	va_start(ap, fmt);
	say("WARN", fmt, ap);
	va_end(ap);
}

void
check_fail(struct check *c, const char *fmt, ...)
{
	va_list ap;

	c->failed++;
	va_start(ap, fmt);
	say("FAIL", fmt, ap);
	va_end(ap);
}

static int
check_all(struct check *c)
{
	struct error err;

	if (geteuid() != 0)
		check_warn(c, "not run as root: some checks can't see all");
	config_files_init(&c->files);
	if (config_load_files(&c->cfg, c->config, &c->files, &err) == -1) {
		check_fail(c, "%s", err.text);
		return 1;
	}
	check_ok(c, "config %s", c->config);
	check_rights(c);
	check_files(c);
	check_service(c);
	check_sshd(c);
	check_portal(c);
	check_lookup(c);
	config_files_free(&c->files);
	(void)printf("%d failed, %d to look at\n", c->failed, c->warned);
	return c->failed == 0 ? 0 : 1;
}

int
cmd_check(const char *config, int argc, char **argv)
{
	static struct check c;
	int ch;

	c.config = config;
	c.owner = (uid_t)-1;
	while ((ch = getopt(argc, argv, "f:")) != -1) {
		if (ch != 'f')
			return EXIT_CMD_USAGE;
		c.sshd_config = optarg;
	}
	if (optind != argc)
		return complain(EXIT_CMD_USAGE,
		    "usage: packet-keys check "
		    "[-f SSHD_CONFIG]");
	return check_all(&c);
}
