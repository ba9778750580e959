/* SPDX-License-Identifier: ISC */
/*
 * Asks the portal and publishes a new snapshot.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rights.h"
#include "cmd/refresh.h"
#include "cmd/serve.h"
#include "cmd/tell.h"

enum { EXIT_NEW = 0, EXIT_NOTHING_NEW = 1, EXIT_USAGE = 2 };

static int
usage(FILE *f, int code)
{
	(void)fputs(
	    "usage: packet-keysd [-c CONFIG]\n"
	    "       packet-keysd [-c CONFIG] --once [--due] [--lock-fd FD] "
	    "[--members]\n"
	    "\n"
	    "Asks the portal for the keys and publishes a new snapshot: as a "
	    "service\n"
	    "each time that a login needs one, with --once now.\n"
	    "\n"
	    "  -c CONFIG      the configuration file\n"
	    "  --once         fetch once and end\n"
	    "  --due          leave alone what is fresh, or waits after a\n"
	    "                 failure\n"
	    "  --lock-fd FD   the fetch lock is held already, on FD\n"
	    "  --members      ask for the project's members in any case\n"
	    "  --help, --version\n",
	    f);
	return code;
}

static int
parse_fd(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > 4 || strspn(s, "0123456789") != len)
		return -1;
	return (int)strtol(s, NULL, 10);
}

static void
on_overtime(int sig)
{
	static const char text[] = "packet-keysd: it hangs, and ends itself\n";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) == -1)
		_exit(EXIT_NOTHING_NEW);
	_exit(EXIT_NOTHING_NEW);
}

/*
 * Whatever a library does: who hangs with the fetch lock in hand holds up
 * each login for as long as it may wait.  (libseccomp, out of memory, goes
 * round in circles.)
 */
static int
limit_time(int64_t timeout_ms, struct error *err)
{
	const int64_t ms = timeout_ms + LIMIT_FETCH_OVERTIME_MS;
	const struct itimerval limit = {
	    .it_value = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)}};
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGALRM);
	(void)signal(SIGALRM, on_overtime);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1 ||
	    setitimer(ITIMER_REAL, &limit, NULL) == -1)
		return error_errno(err, "cannot limit the time");
	return 0;
}

static int
run_once(const char *config, struct refresh *r)
{
	static struct config cfg;
	static struct config_files files;
	int code = EXIT_NEW;
	struct error err;

	config_files_init(&files);
	if (config_load_files(&cfg, config, &files, &err) == -1 ||
	    limit_time(cfg.timeout_ms, &err) == -1) {
		tell(TELL_NO_CONFIG, LOG_ERR, 0, "%s", err.text);
		return EXIT_NOTHING_NEW;
	}
	r->cfg = &cfg;
	r->files = &files;
	r->start_wall = clock_wall_ms();
	r->deadline = clock_mono_ms() + cfg.timeout_ms;
	if (refresh_open(r, &err) == -1)
		return EXIT_NOTHING_NEW;
	if (refresh_run(r, &err) == REFRESH_FAILED)
		code = EXIT_NOTHING_NEW;
	refresh_close(r);
	return code;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"once", no_argument, NULL, 'o'}, {"due", no_argument, NULL, 'd'},
	    {"lock-fd", required_argument, NULL, 'l'},
	    {"members", no_argument, NULL, 'm'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct refresh r = {.lock = -1};
	const char *config = config_default_path;
	bool once = false;
	int ch;

	if (file_standard_fds() == -1)
		return EXIT_NOTHING_NEW;
	log_init("packet-keysd");
	/* An old libcurl may raise it, and so may a log that nobody reads. */
	(void)signal(SIGPIPE, SIG_IGN);
	while ((ch = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (ch) {
		case 'c':
			config = optarg;
			break;
		case 'o':
			once = true;
			break;
		case 'd':
			r.due_only = true;
			break;
		case 'l':
			if ((r.lock = parse_fd(optarg)) <= STDERR_FILENO)
				return usage(stderr, EXIT_USAGE);
			break;
		case 'm':
			r.members = true;
			break;
		case 'h':
			return usage(stdout, EXIT_SUCCESS);
		case 'V':
			(void)puts("packet-keysd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			return usage(stderr, EXIT_USAGE);
		}
	}
	if (optind != argc ||
	    (!once && (r.due_only || r.members || r.lock != -1)))
		return usage(stderr, EXIT_USAGE);
	if (rights_set_id()) {
		tell(TELL_SET_ID, LOG_ERR, 0,
		    "must not be set-user-ID: chmod u-s,g-s");
		return EXIT_NOTHING_NEW;
	}
	return once ? run_once(config, &r) : serve_run(config);
}
