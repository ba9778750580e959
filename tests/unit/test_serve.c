/* SPDX-License-Identifier: ISC */
/*
 * Supervisor and worker, with short times (Makefile.am) and a fetch that does
 * what a test wants.  The rest is told by tests/e2e/stories_service.py.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <poll.h>

#include "base/clock.h"
#include "cmd/refresh.h"
#include "cmd/serve.h"
#include "scratch.h"

/* What refresh_run does; set before the service is started. */
enum { WELL, BADLY, HANGS, CRASHES };
static int manner;

enum refresh_result __wrap_refresh_run(struct refresh *r, struct error *err);

enum refresh_result
__wrap_refresh_run(struct refresh *r, struct error *err)
{
	assert_true(r->deadline > clock_mono_ms());
	if (manner == CRASHES)
		abort();
	while (manner == HANGS)
		(void)poll(NULL, 0, -1);
	if (manner == WELL)
		return REFRESH_DONE;
	(void)error_set(err, "no space left");
	return REFRESH_FAILED;
}

struct fixture {
	void *scratch;
	const char *conf;
	char socket[SCRATCH_PATH];
	pid_t service; /* -1: none */
};

static void
write_config(struct fixture *f, const char *more)
{
	const char *dir = ((struct scratch *)f->scratch)->dir;
	char text[4 * SCRATCH_PATH];

	(void)snprintf(text, sizeof(text),
	    "[portal]\nurl = http://127.0.0.1:1\ntimeout = 200ms\n"
	    "token-file = %s/token\n[cache]\ndirectory = %s/cache\n"
	    "socket = %s\n[policy]\nfile = %s/policy.json\n%s",
	    dir, dir, f->socket, dir, more);
	f->conf = scratch_text(f->scratch, "conf", text, 0644);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || scratch_setup(&f->scratch) == -1)
		return -1;
	f->service = -1;
	(void)snprintf(f->socket, sizeof(f->socket), "%s/s",
	    ((struct scratch *)f->scratch)->dir);
	(void)scratch_dir(f->scratch, "cache", 0700);
	write_config(f, "");
	*state = f;
	return 0;
}

static int
end(struct fixture *f)
{
	int status;

	assert_int_equal(waitpid(f->service, &status, 0), f->service);
	f->service = -1;
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int r;

	if (f->service != -1) {
		(void)kill(f->service, SIGTERM);
		(void)end(f);
	}
	r = scratch_teardown(&f->scratch);
	free(f);
	return r;
}

#define serve_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static int
make_socket(const struct fixture *f, struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_un){.sun_family = AF_UNIX};
	assert_int_not_equal(fd, -1);
	assert_true(strlen(f->socket) < sizeof(at->sun_path));
	memcpy(at->sun_path, f->socket, strlen(f->socket));
	return fd;
}

/* As systemd would hand fd over. */
static void
hand_over(int fd)
{
	char pid[24];

	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	if (dup2(fd, 3) == -1 || setenv("LISTEN_PID", pid, 1) == -1 ||
	    setenv("LISTEN_FDS", "1", 1) == -1)
		_exit(99);
}

/* handed: a socket that listens, or -1. */
static void
start(struct fixture *f, int handed, int how)
{
	manner = how;
	assert_int_not_equal(f->service = fork(), -1);
	if (f->service != 0)
		return;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What it inherits must not take a worker's time limit away. */
	(void)signal(SIGALRM, SIG_IGN);
	if (handed != -1)
		hand_over(handed);
	_exit(serve_run(f->conf));
}

/* What the service says to one who connects; its length. */
static size_t
ask(const struct fixture *f, char *text, size_t size)
{
	int64_t until = clock_mono_ms() + 10000;
	struct sockaddr_un at;
	int fd = make_socket(f, &at);
	size_t len = 0;
	ssize_t n;

	/* It has not got as far as to listen. */
	while (connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1) {
		assert_true(clock_left_ms(until) > 0);
		(void)usleep(10000);
	}
	while ((n = read(fd, text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	assert_int_equal(close(fd), 0);
	return len;
}

static void
must_say(const struct fixture *f, const char *words)
{
	char text[1024];

	(void)ask(f, text, sizeof(text));
	assert_non_null(strstr(text, words));
}

static pid_t
worker(const struct fixture *f)
{
	char path[64], text[64];
	FILE *in;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
	    (long)f->service, (long)f->service);
	if ((in = fopen(path, "r")) == NULL)
		return -1;
	pid = fgets(text, sizeof(text), in) == NULL ? 0 : (pid_t)atoi(text);
	(void)fclose(in);
	return pid;
}

/* Files older than this don't make a worker end after its first answer. */
static void
settle(void)
{
	(void)usleep(4100 * 1000);
}

static void
test_answers(void **state)
{
	struct fixture *f = *state;

	start(f, -1, WELL);
	must_say(f, "packet-keys 1 done ");
	assert_int_equal(kill(f->service, SIGTERM), 0);
	assert_int_equal(end(f), 0);
	assert_false(scratch_exists(f->scratch, "s"));
	start(f, -1, BADLY);
	must_say(f, "packet-keys 1 failed ");
	must_say(f, " no space left\n");
	assert_int_equal(kill(f->service, SIGINT), 0);
	assert_int_equal(end(f), 0);
}

/* A worker that nobody asks ends; by itself the service then waits on. */
static void
test_idle(void **state)
{
	struct fixture *f = *state;
	int64_t until;
	pid_t first;

	settle();
	start(f, -1, WELL);
	must_say(f, "1 done ");
	first = worker(f);
	assert_true(first > 0);
	must_say(f, "1 ");
	assert_int_equal(worker(f), first);
	until = clock_mono_ms() + 10000;
	while (worker(f) != 0 && clock_left_ms(until) > 0)
		(void)usleep(10000);
	assert_int_equal(worker(f), 0);
	must_say(f, "1 done ");
	assert_true(worker(f) > 0);
	assert_int_not_equal(worker(f), first);
}

/* On a socket of systemd's, which goes on listening, it ends as well. */
static void
test_idle_handed(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un at;
	int fd = make_socket(f, &at);

	settle();
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	start(f, fd, WELL);
	must_say(f, "1 done ");
	assert_int_equal(end(f), 0);
	assert_true(scratch_exists(f->scratch, "s"));
	start(f, fd, WELL);
	must_say(f, "1 done ");
	assert_int_equal(close(fd), 0);
}

/* What was handed over and can't be listened on is no reason to make one. */
static void
test_handed_wrong(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un at;
	int fd = make_socket(f, &at);

	start(f, fd, WELL);
	assert_int_equal(end(f), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	start(f, fd, WELL); /* bound, but it does not listen */
	assert_int_equal(end(f), 1);
	assert_int_equal(close(fd), 0);
}

/* Those who wait learn at once that nothing comes of it. */
static void
test_dying_worker(void **state)
{
	static const int ways[] = {CRASHES, HANGS};
	struct fixture *f = *state;
	int64_t before;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		start(f, -1, ways[i]);
		before = clock_mono_ms();
		assert_int_equal(ask(f, text, sizeof(text)), 0);
		assert_int_equal(ask(f, text, sizeof(text)), 0);
		/* timeout + LIMIT_FETCH_OVERTIME_MS, once */
		assert_in_range(clock_mono_ms() - before,
		    ways[i] == HANGS ? 1600 : 0, 9000);
		assert_int_equal(waitpid(f->service, NULL, WNOHANG), 0);
		assert_int_equal(kill(f->service, SIGTERM), 0);
		assert_int_equal(end(f), 0);
	}
}

/* A configuration that breaks under it, and is mended. */
static void
test_broken_config(void **state)
{
	struct fixture *f = *state;
	char text[64];
	int tries;

	start(f, -1, WELL);
	must_say(f, "1 done ");
	/* Who comes on the heels of another follows him. */
	(void)usleep(50 * 1000);
	write_config(f, "nonsense\n");
	assert_int_equal(ask(f, text, sizeof(text)), 0);
	assert_int_equal(ask(f, text, sizeof(text)), 0);
	write_config(f, "");
	for (tries = 0; tries < 20 && ask(f, text, sizeof(text)) == 0; tries++)
		(void)usleep(100 * 1000);
	assert_non_null(strstr(text, "1 done "));
	/* And one that is broken from the start is none to begin with. */
	assert_int_equal(kill(f->service, SIGTERM), 0);
	assert_int_equal(end(f), 0);
	write_config(f, "nonsense\n");
	start(f, -1, WELL);
	assert_int_equal(end(f), 1);
}

/* A worker doesn't outlive a supervisor that is killed. */
static void
test_orphan(void **state)
{
	struct fixture *f = *state;
	int64_t until;
	int status;
	pid_t left;

	/* Its heir, to see its end. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	settle();
	start(f, -1, HANGS);
	until = clock_mono_ms() + 5000;
	if (fork() == 0) {
		char text[64];

		(void)ask(f, text, sizeof(text));
		_exit(0);
	}
	while ((left = worker(f)) <= 0 && clock_left_ms(until) > 0)
		(void)usleep(5000);
	assert_true(left > 0);
	assert_int_equal(kill(f->service, SIGKILL), 0);
	assert_int_equal(end(f), -SIGKILL);
	assert_int_equal(waitpid(left, &status, 0), left);
	/* By the kernel's signal, or because it saw that it came too late. */
	assert_true((WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) == WORKER_FAILED));
	(void)wait(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    serve_test(test_answers),
	    serve_test(test_idle),
	    serve_test(test_idle_handed),
	    serve_test(test_handed_wrong),
	    serve_test(test_dying_worker),
	    serve_test(test_broken_config),
	    serve_test(test_orphan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
