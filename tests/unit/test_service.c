/* SPDX-License-Identifier: ISC */
/* The lookup's side of the service's socket, against services of all kinds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "base/clock.h"
#include "cmd/service.h"
#include "scratch.h"

#define DIGEST "0000000000000001"
#define DONE "packet-keys 1 done " DIGEST " \n"

/* What a service does with the one who connects. */
struct manner {
	const char *answer;
	int chunk; /* bytes sent at once; 0: all */
	int pause_ms; /* before each chunk */
	bool hold; /* the connection stays open */
	bool deaf; /* nobody accepts */
	bool full; /* and there is no room in the queue */
	uid_t uid; /* who listens; 0: we */
};

struct fixture {
	void *scratch;
	struct config cfg;
	pid_t service;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || scratch_setup(&f->scratch) == -1)
		return -1;
	f->cfg.digest = 1;
	f->service = -1;
	(void)snprintf(f->cfg.socket, sizeof(f->cfg.socket), "%.80s/s",
	    ((struct scratch *)f->scratch)->dir);
	*state = f;
	return 0;
}

static void
stop(struct fixture *f)
{
	if (f->service == -1)
		return;
	assert_int_equal(kill(f->service, SIGKILL), 0);
	assert_int_equal(waitpid(f->service, NULL, 0), f->service);
	f->service = -1;
	(void)unlink(f->cfg.socket);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int r;

	stop(f);
	r = scratch_teardown(&f->scratch);
	free(f);
	return r;
}

#define service_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void
pause_ms(int ms)
{
	(void)usleep((useconds_t)ms * 1000);
}

static void
serve(int fd, const struct manner *m)
{
	size_t len = strlen(m->answer), at = 0, n;
	int client = accept(fd, NULL, NULL);

	while (at < len) {
		n = m->chunk == 0 ? len : (size_t)m->chunk;
		if (n > len - at)
			n = len - at;
		pause_ms(m->pause_ms);
		(void)send(client, m->answer + at, n, MSG_NOSIGNAL);
		at += n;
	}
	if (m->hold)
		(void)pause();
	(void)close(client);
}

static void
start(struct fixture *f, const struct manner *m)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd, client;

	stop(f);
	assert_true(strlen(f->cfg.socket) < sizeof(at.sun_path));
	memcpy(at.sun_path, f->cfg.socket, strlen(f->cfg.socket));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_not_equal(f->service = fork(), -1);
	if (f->service == 0) {
		/* Who listens is who the peer's credentials name. */
		if ((m->uid != 0 && setuid(m->uid) == -1) ||
		    listen(fd, m->full ? 0 : 8) == -1)
			_exit(1);
		if (m->full) {
			client = socket(AF_UNIX, SOCK_STREAM, 0);
			(void)connect(
			    client, (struct sockaddr *)&at, sizeof(at));
		}
		while (!m->deaf)
			serve(fd, m);
		(void)pause();
	}
	assert_int_equal(close(fd), 0);
}

/* What came of it, never much later than ms. */
static enum service
ask(struct fixture *f, int ms, struct error *err)
{
	int64_t before = clock_mono_ms(), took;
	unsigned fds = scratch_fds();
	enum service r;

	do {
		r = service_ask(&f->cfg, geteuid(), clock_mono_ms() + ms, err);
		/* It has not got as far as to listen. */
	} while (r == SERVICE_NONE &&
	    strstr(err->text, "Connection refused") != NULL &&
	    f->service != -1 && clock_mono_ms() - before < 2000);
	took = clock_mono_ms() - before;
	assert_true(took < ms + 2000);
	assert_int_equal(scratch_fds(), fds);
	return r;
}

static void
test_answers(void **state)
{
	static const struct {
		struct manner manner;
		enum service result;
		const char *words;
	} rows[] = {{{.answer = DONE}, SERVICE_DONE, ""},
	    {{.answer = DONE, .chunk = 1}, SERVICE_DONE, ""},
	    {{.answer = "packet-keys 1 followed " DIGEST " \n"},
		SERVICE_FOLLOWED, ""},
	    {{.answer = "packet-keys 1 failed " DIGEST " disk full\n"},
		SERVICE_FAILED, "disk full"},
	    {{.answer = ""}, SERVICE_NONE, "ended without an answer"},
	    {{.answer = "packet-keys 1 done"}, SERVICE_NONE, "another version"},
	    {{.answer = "HTTP/1.1 200 OK\r\n\r\n"}, SERVICE_NONE,
		"another version"},
	    {{.answer = DONE DONE}, SERVICE_NONE, "another version"},
	    {{.answer = "packet-keys 1 done 0000000000000002 \n"}, SERVICE_NONE,
		"another configuration"},
	    {{.answer = "packet-keys 1 failed 0000000000000002 no\n"},
		SERVICE_NONE, "another configuration"}};
	struct fixture *f = *state;
	struct error err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(f, &rows[i].manner);
		assert_int_equal(ask(f, 5000, &err), rows[i].result);
		if (rows[i].words[0] == '\0')
			assert_string_equal(err.text, "");
		else
			assert_non_null(strstr(err.text, rows[i].words));
	}
}

/* An answer that never ends is cut off. */
static void
test_endless(void **state)
{
	static char much[100000];
	struct fixture *f = *state;
	struct error err;

	memset(much, 'x', sizeof(much) - 1);
	start(f, &(struct manner){.answer = much, .hold = true});
	assert_int_equal(ask(f, 5000, &err), SERVICE_NONE);
	assert_non_null(strstr(err.text, "another version"));
}

/* However it keeps us waiting, the deadline holds. */
static void
test_slow(void **state)
{
	static const struct manner slow[] = {{.answer = "", .hold = true},
	    {.answer = DONE, .hold = true},
	    {.answer = DONE, .chunk = 1, .pause_ms = 30},
	    {.answer = "", .deaf = true},
	    {.answer = "", .deaf = true, .full = true}};
	struct fixture *f = *state;
	struct error err;
	int64_t before;
	size_t i;

	for (i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		start(f, &slow[i]);
		pause_ms(100);
		before = clock_mono_ms();
		assert_int_equal(ask(f, 250, &err), SERVICE_FAILED);
		assert_in_range(clock_mono_ms() - before, 200, 900);
		assert_non_null(strstr(err.text, "in time"));
	}
	assert_int_equal(ask(f, 0, &err), SERVICE_FAILED);
}

static void
test_nobody(void **state)
{
	struct fixture *f = *state;
	struct error err;

	assert_int_equal(ask(f, 1000, &err), SERVICE_NONE);
	assert_string_equal(err.text, "");
	/* A socket that its process has left behind. */
	start(f, &(struct manner){.answer = DONE});
	assert_int_equal(ask(f, 5000, &err), SERVICE_DONE);
	assert_int_equal(kill(f->service, SIGKILL), 0);
	assert_int_equal(waitpid(f->service, NULL, 0), f->service);
	f->service = -1;
	assert_int_equal(ask(f, 1000, &err), SERVICE_NONE);
	assert_non_null(strstr(err.text, f->cfg.socket));
	assert_int_equal(unlink(f->cfg.socket), 0);
	/* No socket at all, and a path that no socket can have. */
	(void)scratch_text(f->scratch, "s", "", 0600);
	assert_int_equal(ask(f, 1000, &err), SERVICE_NONE);
	memset(f->cfg.socket, 'x', 200);
	assert_int_equal(ask(f, 1000, &err), SERVICE_NONE);
}

/* Somebody else who has got hold of the place is not listened to. */
static void
test_stranger(void **state)
{
	struct fixture *f = *state;
	struct error err;

	if (geteuid() != 0)
		skip();
	start(f, &(struct manner){.answer = DONE, .uid = SCRATCH_UID});
	assert_int_equal(ask(f, 5000, &err), SERVICE_NONE);
	assert_non_null(strstr(err.text, "served by uid 47321"));
	assert_int_equal(
	    service_ask(&f->cfg, SCRATCH_UID, clock_mono_ms() + 5000, &err),
	    SERVICE_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    service_test(test_answers),
	    service_test(test_endless),
	    service_test(test_slow),
	    service_test(test_nobody),
	    service_test(test_stranger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
