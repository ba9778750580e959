/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rights.h"
#include "cmd/packet-keys.h"

static const struct {
	const char *name, *args, *help;
	int (*run)(const char *config, int argc, char **argv);
} commands[] = {
    {"fetch", "[--members]", "ask the portal now and publish a new snapshot",
	cmd_fetch},
    {"status", "[--json]", "age, sources, counts, last error, next try",
	cmd_status},
    {"list", "[--json] [USER]", "which keys open which account", cmd_list},
    {"explain", "[--json] USER KEY", "why a key opens an account, or doesn't",
	cmd_explain},
    {"check", "[-f SSHD_CONFIG]", "find what would stop a login", cmd_check},
    {"policy", "check FILE", "validate a policy document", cmd_policy},
    {"policy", "diff [--json] FILE", "what would change if it were in force",
	cmd_policy},
    {"deny", "KEY [--reason TEXT]",
	"deny a key, by fingerprint or public key file", cmd_deny},
    {"deny", "[--json]", "the keys that are denied", cmd_deny},
    {"deny", "--krl FILE", "write them as a KRL, for sshd's RevokedKeys",
	cmd_deny},
    {"undeny", "KEY", "take a key off that list", cmd_undeny},
};

static int
usage(FILE *f, int code)
{
	size_t i;

	(void)fputs("usage: packet-keys [-c CONFIG] COMMAND\n\n", f);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(f, "  %-7s %-20s %s\n", commands[i].name,
		    commands[i].args, commands[i].help);
	(void)fputs("\n  -c CONFIG   the configuration file\n"
		    "  --help, --version\n",
	    f);
	return code;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	const char *config = config_default_path;
	size_t i;
	int ch;

	if (file_standard_fds() == -1)
		return EXIT_FAILURE;
	log_init("packet-keys");
	if (rights_set_id())
		return complain(
		    EXIT_CMD_USAGE, "must not be set-user-ID: chmod u-s,g-s");
	while ((ch = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		switch (ch) {
		case 'c':
			config = optarg;
			break;
		case 'h':
			return usage(stdout, EXIT_SUCCESS);
		case 'V':
			(void)puts("packet-keys " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage(stderr, EXIT_CMD_USAGE);
		}
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		return usage(stderr, EXIT_CMD_USAGE);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[0], commands[i].name) != 0)
			continue;
		/* 0: GNU getopt starts over, for the command's own options. */
		optind = 0;
		return commands[i].run(config, argc, argv);
	}
	(void)complain(0, "unknown command %s", argv[0]);
	return usage(stderr, EXIT_CMD_USAGE);
}
