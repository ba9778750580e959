/* SPDX-License-Identifier: ISC */
/*
 * What sshd runs for each key that a client offers (AuthorizedKeysCommand).
 * It links neither libcurl nor jansson nor libcrypto: it starts in the time
 * of an empty process, and has little in it to attack.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
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
#include "cmd/groups.h"

enum { EXIT_ANSWERED = 0, EXIT_NO_ANSWER = 1, EXIT_USAGE = 2 };

/* No exit code: a record can't be read, and nothing was printed. */
#define DAMAGED (-1)

#define GRACE_MS 500
#define GROUPS_MS 400
#define FILE_USUAL (32 * 1024)

struct lookup {
	const char *config, *user, *fp;
	struct config cfg;
	struct config_files files;
	struct snapshot snap;
	int dirfd;
	uid_t owner;
	uint64_t policy; /* digest of the policy, as snap was opened */
	bool renewed; /* a new snapshot was asked for */
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

/* Beyond `timeout`, for the fetcher to publish what it has. */
static int64_t
deadline_of(const struct lookup *l)
{
	return l->start_mono + l->cfg.timeout_ms + GRACE_MS;
}

/* A fetcher that hangs must leave time for the groups: their members would
 * be shut out. */
static int
on_groups(
    void *ctx, const char *user, const char *const *names, size_t n, bool *in)
{
	const struct lookup *l = ctx;
	struct error err;
	int r = groups_of(user, names, n, in, deadline_of(l) + GROUPS_MS, &err);

	if (r == -1)
		log_line(LOG_ERR, "user %s: no rule for groups counts: %s",
		    user, err.text);
	return r;
}

/*
 * With a SHA-256 fingerprint one key's lines are enough.  With any other kind
 * (MD5, or none) sshd finds the key among all lines itself.
 */
static enum snapshot_find
find(struct lookup *l, struct buf *out)
{
	const struct config_file *deny = &l->files.deny;
	bool one = l->fp != NULL && strncmp(l->fp, "SHA256:", 7) == 0;
	const struct snapshot_ask ask = {.user = l->user,
	    .fp = one ? l->fp : NULL,
	    .now_ms = clock_wall_ms(),
	    .deny =
		deny->found == FILE_OK ? (const char *)deny->text.data : NULL,
	    .denylen = deny->text.len,
	    .groups = on_groups,
	    .ctx = l};
	char reason[SNAPSHOT_CODE_SIZE];
	enum snapshot_find r = snapshot_find(&l->snap, &ask, out, reason);

	if (deny->found == FILE_ERROR)
		log_line(LOG_ERR,
		    "%s (the last good list of denied keys stays in force)",
		    deny->err.text);
	if (r == SNAPSHOT_NOT_FOUND && reason[0] != '\0')
		log_line(LOG_NOTICE, "user %s: key %s refused: %s", l->user,
		    l->fp, reason);
	return r;
}

static int
print_answer(struct lookup *l)
{
	unsigned char storage[2048];
	struct buf out;
	int r = EXIT_ANSWERED;
	enum snapshot_find found;

	buf_init_on(&out, storage, sizeof(storage), LIMIT_RECORD);
	if ((found = find(l, &out)) == SNAPSHOT_UNKNOWN) {
		/* The reason has been logged. */
		r = EXIT_NO_ANSWER;
	} else if (found == SNAPSHOT_ERROR) {
		log_line(LOG_ERR, "%s/" SNAPSHOT_FILE " is damaged%s",
		    l->cfg.directory, l->renewed ? ": no answer" : "");
		r = l->renewed ? EXIT_NO_ANSWER : DAMAGED;
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

/*
 * The digest of the policy as it is now.  A file that is as it was when the
 * snapshot was made need not be read.
 */
static uint64_t
policy_digest(struct lookup *l)
{
	const struct snapshot_head *head = &l->snap.head;

	if (head->policy_stamp != FILE_STAMP_NONE &&
	    head->policy_stamp == file_stamp(l->cfg.policy_file))
		return head->policy_digest;
	config_load_policy(&l->cfg, &l->files);
	return l->cfg.policy_digest;
}

static bool
holds(const struct lookup *l)
{
	const struct freshness_digests d = {
	    l->cfg.digest, l->policy, l->cfg.deny_digest};

	return freshness_holds(&l->snap.head, &d, l->start_wall);
}

/* "device: its keys of 3 min ago serve: cannot reach …" behind text. */
static size_t
describe_source(struct lookup *l, enum source src, char *text, size_t size)
{
	struct source_state st;
	int64_t age;
	char span[32];
	int n;

	/* What isn't wanted has no outcome in the snapshot. */
	if (snapshot_source_state(&l->snap, src, &st) != SNAPSHOT_FOUND ||
	    st.outcome != OUTCOME_FAILED)
		return 0;
	age = l->start_wall - st.checked_ms;
	(void)text_span(span, sizeof(span), age);
	if (st.checked_ms == 0)
		n = snprintf(text, size, "; %s has never answered: %s",
		    source_name(src), st.reason);
	else
		n = snprintf(text, size, "; %s: its %s of %s ago %s: %s",
		    source_name(src), source_what(src), span,
		    age >= l->cfg.stale_ms    ? "are stale"
			: src == SOURCE_FLEET ? "serves"
					      : "serve",
		    st.reason);
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
	enum snapshot_result r;

	snapshot_close(&l->snap);
	r = snapshot_open(&l->snap, l->dirfd, l->owner, err);
	if (r == SNAPSHOT_OK)
		l->policy = policy_digest(l);
	return r;
}

/*
 * Lines made under another config or policy must not open a door that the
 * present one has closed.  (The list of denied keys has a say in each lookup
 * anyway.)
 */
static bool
is_ours(const struct lookup *l)
{
	return l->snap.head.config_digest == l->cfg.digest &&
	    l->snap.head.policy_digest == l->policy;
}

/*
 * Made since we started, or just before: a fetch that was about to publish
 * when we looked has done so now.  One that had read the files before they
 * were changed has not done it for us.
 */
static bool
is_new(const struct lookup *l)
{
	return (l->snap.head.made_ms >= l->start_wall && is_ours(l)) ||
	    holds(l);
}

/*
 * Whether a list of denied keys that can't be read is made up for by the
 * snapshot: by what the fetcher has read since we failed to, or, where it
 * has failed too, by the last good list that either has seen.
 */
static bool
denials_known(const struct lookup *l)
{
	return l->files.deny.found != FILE_ERROR || is_new(l) ||
	    l->snap.head.deny_digest == l->cfg.deny_digest;
}

/*
 * Asks for a new snapshot; a second time where the fetch that we followed
 * was killed before it could publish.
 */
static int
renew_and_answer(struct lookup *l)
{
	int64_t deadline = deadline_of(l);
	enum snapshot_result found = SNAPSHOT_MISSING;
	struct error asked, err = {""};
	const char *why;
	int tries, r = -1;

	l->renewed = true;
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
	why = r == -1 ? asked.text : "no new one could be made";
	if (!is_ours(l)) {
		log_line(LOG_ERR,
		    "user %s: no answer: config or policy has "
		    "changed and the snapshot could not be made anew: %s",
		    l->user, why);
		return EXIT_NO_ANSWER;
	}
	if (!denials_known(l)) {
		log_line(LOG_ERR,
		    "user %s: no answer: %s; and the snapshot, made before "
		    "that, could not be made anew: %s",
		    l->user, l->files.deny.err.text, why);
		return EXIT_NO_ANSWER;
	}
	if (!is_new(l))
		log_line(LOG_WARNING,
		    "user %s: serving the snapshot there "
		    "is: %s",
		    l->user, why);
	return answer(l);
}

/* On storage of ours: a list of usual size costs no allocation. */
static void
init_files(struct lookup *l)
{
	static unsigned char deny[FILE_USUAL];

	l->files.policy.found = l->files.deny.found = FILE_MISSING;
	buf_init(&l->files.policy.text, LIMIT_POLICY_FILE + 1);
	buf_init_on(
	    &l->files.deny.text, deny, sizeof(deny), LIMIT_DENY_FILE + 1);
}

static int
look_up(struct lookup *l)
{
	struct error err;
	int r;

	init_files(l);
	if (config_load_deny(&l->cfg, l->config, &l->files, &err) == -1) {
		log_line(LOG_ERR, "no answer: %s", err.text);
		return EXIT_NO_ANSWER;
	}
	l->dirfd =
	    file_open_dir(l->cfg.directory, &l->owner, &(gid_t){0}, &err);
	if (l->dirfd == -1) {
		log_line(LOG_ERR, "no answer: %s", err.text);
		return EXIT_NO_ANSWER;
	}
	/* Left open: the process ends with the answer.  A snapshot with a
	 * damaged record is as good as missing, however fresh. */
	if (reopen(l, &err) == SNAPSHOT_OK && holds(l) &&
	    (r = answer(l)) != DAMAGED)
		return r;
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
