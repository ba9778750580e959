/* SPDX-License-Identifier: ISC */
/*
 * What sshd runs for each key that a client offers (AuthorizedKeysCommand).
 * It links neither libcurl nor jansson nor libcrypto: it starts in the time
 * of an empty process, and has little in it to attack.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rights.h"
#include "base/text.h"
#include "cache/freshness.h"
#include "cache/snapshot.h"
#include "cmd/ask.h"

enum { EXIT_ANSWERED = 0, EXIT_NO_ANSWER = 1, EXIT_USAGE = 2 };

/* Beyond `timeout`, for the fetcher to publish what it has. */
#define GRACE_MS 500

struct lookup {
	const char *config, *user, *fp;
	struct config cfg;
	struct snapshot snap;
	int dirfd;
	uid_t owner;
	int64_t start_wall, start_mono;
};

static int
usage(void)
{
	(void)fputs("usage: packet-authorized-keys [-c CONFIG] USER "
		    "[FINGERPRINT]\n",
	    stderr);
	return EXIT_USAGE;
}

/*
 * With a SHA-256 fingerprint one line is enough.  With any other kind (MD5,
 * or none) sshd finds the key among all lines itself.
 */
static enum snapshot_find
find(struct lookup *l, struct buf *out)
{
	int64_t now = clock_wall_ms();

	if (l->fp != NULL && strncmp(l->fp, "SHA256:", 7) == 0)
		return snapshot_find_key(&l->snap, l->user, l->fp, now, out);
	return snapshot_find_user(&l->snap, l->user, now, out);
}

static int
print_answer(struct lookup *l)
{
	unsigned char storage[2048];
	struct buf out;
	int r = EXIT_ANSWERED;

	buf_init_on(&out, storage, sizeof(storage), LIMIT_RECORD);
	if (find(l, &out) == SNAPSHOT_ERROR) {
		log_line(LOG_ERR, "%s/" SNAPSHOT_FILE " is damaged: no answer",
		    l->cfg.directory);
		r = EXIT_NO_ANSWER;
	} else if (file_write_all(STDOUT_FILENO, out.data, out.len) == -1 &&
	    errno != EPIPE) {
		/* A reader that closes early has seen enough. */
		log_line(
		    LOG_ERR, "cannot write the answer: %s", strerror(errno));
		r = EXIT_NO_ANSWER;
	}
	buf_free(&out);
	return r;
}

static bool
holds(const struct lookup *l)
{
	return freshness_holds(
	    &l->snap.head, l->cfg.digest, l->cfg.policy_digest, l->start_wall);
}

/* "device: its keys of 3 min ago serve: cannot reach …" behind text. */
static size_t
describe_source(struct lookup *l, enum source src, char *text, size_t size)
{
	struct source_state st;
	int64_t age;
	char span[32];
	int n;

	if ((l->cfg.sources & SOURCE_BIT(src)) == 0 ||
	    snapshot_source_state(&l->snap, src, &st) != SNAPSHOT_FOUND ||
	    st.outcome != OUTCOME_FAILED)
		return 0;
	age = l->start_wall - st.checked_ms;
	(void)text_span(span, sizeof(span), age);
	if (st.checked_ms == 0)
		n = snprintf(text, size, "; %s has never answered: %s",
		    source_name(src), st.reason);
	else
		n = snprintf(text, size, "; %s: its keys of %s ago %s: %s",
		    source_name(src), span,
		    age < l->cfg.stale_ms ? "serve" : "are stale", st.reason);
	return n < 0 || (size_t)n >= size ? size - 1 : (size_t)n;
}

/* One line for each lookup that is answered with old keys. */
static void
log_degraded(struct lookup *l)
{
	char text[1536] = "";
	size_t len = 0;
	unsigned i;

	for (i = 0; i < SOURCE_COUNT && len < sizeof(text) - 1; i++)
		len += describe_source(l, i, text + len, sizeof(text) - len);
	log_line(LOG_WARNING, "user %s: old keys%s", l->user, text);
}

/* Answers from the snapshot that there is, and says why it is not plain. */
static int
answer(struct lookup *l)
{
	if (l->snap.head.degraded)
		log_degraded(l);
	if (!l->snap.head.usable) {
		log_line(LOG_ERR,
		    "user %s: no answer: no source has ever "
		    "answered",
		    l->user);
		return EXIT_NO_ANSWER;
	}
	return print_answer(l);
}

static enum snapshot_result
reopen(struct lookup *l, struct error *err)
{
	snapshot_close(&l->snap);
	return snapshot_open(&l->snap, l->dirfd, l->owner, err);
}

/*
 * Made since we started, or just before: a fetch that was about to publish
 * when we looked has done so now.
 */
static bool
is_new(const struct lookup *l)
{
	return l->snap.head.made_ms >= l->start_wall || holds(l);
}

/*
 * Asks for a new snapshot; a second time where the fetch that we followed
 * was killed before it could publish.
 */
static int
renew_and_answer(struct lookup *l)
{
	int64_t deadline = l->start_mono + l->cfg.timeout_ms + GRACE_MS;
	enum snapshot_result found = SNAPSHOT_MISSING;
	struct error asked, err = {""};
	int tries, r = -1;

	for (tries = 0; tries < 2; tries++) {
		r = ask_and_wait(&l->cfg, l->dirfd, l->owner, deadline, &asked);
		found = reopen(l, &err);
		if (r != 1 || (found == SNAPSHOT_OK && is_new(l)))
			break;
	}
	if (found != SNAPSHOT_OK) {
		log_line(LOG_ERR, "user %s: no answer: %s%s%s", l->user,
		    r == -1 ? asked.text : "", r == -1 ? "; " : "", err.text);
		return EXIT_NO_ANSWER;
	}
	if (!is_new(l))
		log_line(LOG_WARNING,
		    "user %s: serving the snapshot there "
		    "is: %s",
		    l->user, r == -1 ? asked.text : "no new one could be made");
	/* Lines made under another config or policy must not open a door that
	 * the present one has closed. */
	if (l->snap.head.config_digest != l->cfg.digest ||
	    l->snap.head.policy_digest != l->cfg.policy_digest) {
		log_line(LOG_ERR,
		    "user %s: no answer: config or policy has "
		    "changed and the snapshot could not be made anew",
		    l->user);
		return EXIT_NO_ANSWER;
	}
	return answer(l);
}

static int
look_up(struct lookup *l)
{
	struct error err;

	if (config_load(&l->cfg, l->config, &err) == -1 ||
	    config_policy_ok(&l->cfg, &err) == -1) {
		log_line(LOG_ERR, "no answer: %s", err.text);
		return EXIT_NO_ANSWER;
	}
	l->dirfd =
	    file_open_dir(l->cfg.directory, &l->owner, &(gid_t){0}, &err);
	if (l->dirfd == -1) {
		log_line(LOG_ERR, "no answer: %s", err.text);
		return EXIT_NO_ANSWER;
	}
	/* Left open: the process ends with the answer. */
	if (reopen(l, &err) == SNAPSHOT_OK && holds(l))
		return answer(l);
	return renew_and_answer(l);
}

/*
 * sshd leaves 0, 1 and 2 open; for a caller that doesn't, a file of ours must
 * not become one of them.
 */
static int
have_standard_fds(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest free number, which is this one. */
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", O_RDWR) == -1)
			return -1;
	}
	return 0;
}

/*
 * The user name comes from the network and may look like an option, so the
 * arguments are told apart by their number alone.
 */
static int
parse_args(struct lookup *l, int argc, char **argv)
{
	if (argc >= 4) {
		if (strcmp(argv[1], "-c") != 0)
			return -1;
		l->config = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc < 2 || argc > 3)
		return -1;
	l->user = argv[1];
	l->fp = argc == 3 && argv[2][0] != '\0' ? argv[2] : NULL;
	return 0;
}

int
main(int argc, char **argv)
{
	struct lookup l = {.config = config_default_path,
	    .snap = {.fd = -1},
	    .start_wall = clock_wall_ms(),
	    .start_mono = clock_mono_ms()};

	if (have_standard_fds() == -1)
		return EXIT_NO_ANSWER;
	log_init("packet-authorized-keys");
	(void)signal(SIGPIPE, SIG_IGN);
	if (parse_args(&l, argc, argv) == -1)
		return usage();
	if (rights_set_id()) {
		log_line(LOG_ERR, "must not be set-user-ID: chmod u-s,g-s");
		return EXIT_NO_ANSWER;
	}
	/* Nothing is left to flush or tidy up that the end of the process does
	 * not do faster. */
	_exit(look_up(&l));
}
