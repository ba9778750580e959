/* SPDX-License-Identifier: ISC */
/*
 * What sshd runs for each key that a client offers (AuthorizedKeysCommand).
 * It links neither libcurl nor jansson nor libcrypto: it starts in the time
 * of an empty process, and has little in it to attack.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/digest.h"
#include "base/fence.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rights.h"
#include "cache/freshness.h"
#include "cache/snapshot.h"
#include "cmd/ask.h"
#include "cmd/groups.h"
#include "cmd/note.h"

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
	struct error unfenced; /* why it could not be; "" */
	uint64_t policy; /* digest of the policy, as snap was opened */
	bool renewed; /* a new snapshot was asked for */
	struct note note; /* on what is not plain in the answer */
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
	struct lookup *l = ctx;
	struct error err;
	int r = groups_of(user, names, n, in, deadline_of(l) + GROUPS_MS, &err);

	if (r == -1)
		note_add(&l->note, TELL_NO_GROUPS, LOG_ERR, tell_key(err.text),
		    "no rule for groups counts: %s", err.text);
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
		note_add(&l->note, TELL_BAD_DENY_LIST, LOG_ERR,
		    tell_key(deny->err.text),
		    "%s (the last good list of denied keys stays in force)",
		    deny->err.text);
	if (r == SNAPSHOT_NOT_FOUND && reason[0] != '\0')
		note_refused(&l->note, l->fp, reason);
	return r;
}

/* With all that was found out on the way. */
static int
no_answer(struct lookup *l, enum tell_code code, const char *why)
{
	note_lead(&l->note, code, LOG_ERR, throttle_gist(DIGEST_INIT, why),
	    "no answer: %s", why);
	note_tell(&l->note);
	return EXIT_NO_ANSWER;
}

static int
damaged(struct lookup *l)
{
	struct error err;

	(void)error_set(
	    &err, "%s/" SNAPSHOT_FILE " is damaged", l->cfg.directory);
	if (l->renewed)
		return no_answer(l, TELL_BAD_SNAPSHOT, err.text);
	/* The answer will be another one, from a new snapshot. */
	note_begin(&l->note, l->user);
	note_add(&l->note, TELL_BAD_SNAPSHOT, LOG_ERR, tell_key(err.text), "%s",
	    err.text);
	return DAMAGED;
}

static int
print_answer(struct lookup *l)
{
	unsigned char storage[2048];
	struct buf out;
	struct error err;
	int r = EXIT_ANSWERED;
	enum snapshot_find found;

	buf_init_on(&out, storage, sizeof(storage), LIMIT_RECORD);
	if ((found = find(l, &out)) == SNAPSHOT_ERROR) {
		r = damaged(l);
	} else if (found == SNAPSHOT_UNKNOWN) {
		r = no_answer(l, TELL_NO_GROUPS,
		    "each line for the account hangs on a local group");
	} else {
		note_tell(&l->note);
		/* A reader that closes early has seen enough. */
		if (file_write_all(STDOUT_FILENO, out.data, out.len) == -1 &&
		    errno != EPIPE) {
			(void)error_errno(&err, "cannot write the answer");
			note_begin(&l->note, l->user);
			r = no_answer(l, TELL_NO_OUTPUT, err.text);
		}
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

/* Answers from the snapshot that there is; old: why no newer one. */
static int
answer(struct lookup *l, const char *old)
{
	const struct snapshot_head *head = &l->snap.head;

	if (head->usable && (old != NULL || head->degraded))
		note_old(&l->note, old, head->made_ms, l->start_wall);
	if (head->degraded)
		note_sources(
		    &l->note, &l->snap, l->start_wall, l->cfg.stale_ms);
	if (!head->usable)
		return no_answer(
		    l, TELL_NEVER_ANSWERED, "no source has ever answered");
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
	const struct ask ask = {.cfg = &l->cfg,
	    .dirfd = l->dirfd,
	    .owner = l->owner,
	    .deadline = deadline_of(l),
	    .no_start = l->unfenced.text[0] == '\0' ? NULL : l->unfenced.text};
	enum snapshot_result found = SNAPSHOT_MISSING;
	struct error asked, both, err = {""};
	const char *why;
	int tries, r = -1;

	l->renewed = true;
	for (tries = 0; tries < 2; tries++) {
		r = ask_and_wait(&ask, &asked);
		found = reopen(l, &err);
		if (r != 1 || (found == SNAPSHOT_OK && is_new(l)))
			break;
	}
	if (found != SNAPSHOT_OK) {
		if (asked.text[0] != '\0')
			(void)error_set(
			    &both, "%.250s; %.250s", asked.text, err.text);
		return no_answer(l, TELL_NO_SNAPSHOT,
		    asked.text[0] != '\0' ? both.text : err.text);
	}
	why = asked.text[0] != '\0' ? asked.text : "no new one could be made";
	if (!is_ours(l)) {
		(void)error_set(&both,
		    "config or policy has changed and the snapshot could not "
		    "be made anew: %s",
		    why);
		return no_answer(l, TELL_NOT_RENEWED, both.text);
	}
	if (!denials_known(l)) {
		(void)error_set(&both,
		    "%.250s; and the snapshot, made before that, could not be "
		    "made anew: %.200s",
		    l->files.deny.err.text, why);
		return no_answer(l, TELL_NOT_RENEWED, both.text);
	}
	return answer(l, is_new(l) ? NULL : why);
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

	/* A login that needs no new keys can do without. */
	if (fence_execute_only(FETCHER, &l->unfenced) == 0)
		l->unfenced.text[0] = '\0';
	init_files(l);
	note_begin(&l->note, l->user);
	if (config_load_deny(&l->cfg, l->config, &l->files, &err) == -1)
		return no_answer(l, TELL_NO_CONFIG, err.text);
	l->dirfd =
	    file_open_dir(l->cfg.directory, &l->owner, &(gid_t){0}, &err);
	if (l->dirfd == -1)
		return no_answer(l, TELL_NO_FOLDER, err.text);
	tell_begin(l->dirfd, l->owner);
	/* Left open: the process ends with the answer.  A snapshot with a
	 * damaged record is as good as missing, however fresh. */
	if (reopen(l, &err) == SNAPSHOT_OK && holds(l) &&
	    (r = answer(l, NULL)) != DAMAGED)
		return r;
	return renew_and_answer(l);
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

	/* sshd leaves 0, 1 and 2 open; another caller may not. */
	if (file_standard_fds() == -1)
		return EXIT_NO_ANSWER;
	log_init("packet-authorized-keys");
	(void)signal(SIGPIPE, SIG_IGN);
	if (parse_args(&l, argc, argv) == -1)
		return usage();
	if (rights_set_id()) {
		tell(TELL_SET_ID, LOG_ERR, 0,
		    "must not be set-user-ID: chmod u-s,g-s");
		return EXIT_NO_ANSWER;
	}
	/* Nothing is left to flush or tidy up that the end of the process does
	 * not do faster. */
	_exit(look_up(&l));
}
