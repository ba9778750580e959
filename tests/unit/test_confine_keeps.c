/* SPDX-License-Identifier: ISC */
/* The fetcher, confined: what a fetch needs still works. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <curl/curl.h>
#include <netdb.h>
#include <pthread.h>
#include <syslog.h>
#include <time.h>

#include "base/limits.h"
#include "base/rights.h"
#include "confine_fixture.h"

#define STEP(n, good)               \
	do {                        \
		if (!(good))        \
			return (n); \
	} while (0)

static void
keep(void **state, int (*f)(struct place *))
{
	struct place p;
	struct confined c = {&p, f};

	place_open(&p, *state);
	assert_int_equal(scratch_child(place_confined_child, &c), 0);
	place_close(&p);
}

static int
can_read(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	/* Not every machine has each. */
	if (fd == -1)
		return errno == ENOENT;
	n = read(fd, &c, 1);
	(void)close(fd);
	return n != -1;
}

static int
read_files(struct place *p)
{
	STEP(11, can_read(p->cfg.token_file));
	STEP(12, can_read("/etc/resolv.conf"));
	STEP(13, can_read("/etc/hosts"));
	STEP(14, can_read("/etc/nsswitch.conf"));
	STEP(15, can_read("/etc/localtime"));
	STEP(16, can_read("/etc/ssl/openssl.cnf"));
	STEP(17, can_read("/etc/ssl/certs/ca-certificates.crt"));
	STEP(18, can_read("/proc/sys/kernel/random/boot_id"));
	STEP(19, can_read("/dev/urandom"));
	STEP(20, open("/dev/null", O_RDWR) != -1);
	STEP(21, access(p->secret, F_OK) == 0);
	return 0;
}

static void
test_read(void **state)
{
	keep(state, read_files);
}

static int
publish(struct place *p)
{
	int fd = openat(p->cache, "new", O_RDWR | O_CREAT | O_EXCL, 0600);

	STEP(11, fd != -1);
	STEP(12, flock(fd, LOCK_EX | LOCK_NB) == 0);
	STEP(13, write(fd, "x", 1) == 1);
	STEP(14,
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 4096) == 0 ||
		errno == EOPNOTSUPP);
	STEP(15, ftruncate(fd, 1) == 0);
	STEP(16, fchmod(fd, 0640) == 0 && fsync(fd) == 0);
	STEP(17, renameat(p->cache, "new", p->cache, "old") == 0);
	STEP(18, fsync(p->cache) == 0);
	STEP(19, openat(p->cache, "old", O_RDONLY) != -1);
	STEP(20, openat(p->cache, "old", O_RDWR | O_TRUNC) != -1);
	STEP(21, unlinkat(p->cache, "old", 0) == 0);
	return 0;
}

static void
test_publish(void **state)
{
	keep(state, publish);
}

static void *
resolve(void *name)
{
	struct addrinfo *list = NULL;
	int r = getaddrinfo(name, "443", NULL, &list);

	if (r == 0)
		freeaddrinfo(list);
	return (void *)(intptr_t)r;
}

/* As libcurl does. */
static int
resolve_in_threads(struct place *p)
{
	static char names[][24] = {
	    "localhost", "127.0.0.1", "::1", "nobody.invalid"};
	pthread_t t[4];
	void *r[4];
	size_t i;

	(void)p;
	for (i = 0; i < 4; i++)
		STEP(11, pthread_create(&t[i], NULL, resolve, names[i]) == 0);
	for (i = 0; i < 4; i++)
		STEP(12, pthread_join(t[i], &r[i]) == 0);
	STEP(13, r[0] == NULL && r[1] == NULL && r[2] == NULL);
	STEP(14, r[3] != NULL);
	return 0;
}

static void
test_resolve(void **state)
{
	keep(state, resolve_in_threads);
}

static int
ask(struct place *p)
{
	CURL *easy;

	STEP(11, curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
	STEP(12, (easy = curl_easy_init()) != NULL);
	STEP(13, curl_easy_setopt(easy, CURLOPT_URL, p->cfg.url) == CURLE_OK);
	STEP(14, curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK);
	STEP(15, curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 5000L) == CURLE_OK);
	STEP(16, curl_easy_perform(easy) == CURLE_OK);
	curl_easy_cleanup(easy);
	curl_global_cleanup();
	return 0;
}

static void
test_ask(void **state)
{
	keep(state, ask);
}

static int
tell(struct place *p)
{
	time_t now = time(NULL);
	struct tm tm;

	(void)p;
	openlog("test_confine_keeps", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_DEBUG, "a line of a test");
	closelog();
	STEP(11, localtime_r(&now, &tm) != NULL);
	return 0;
}

static void
test_tell(void **state)
{
	keep(state, tell);
}

/* An assertion in a library ends as ever. */
static int
give_up(struct place *p)
{
	(void)p;
	abort();
}

static void
test_abort(void **state)
{
	struct place p;
	struct confined c = {&p, give_up};

	place_open(&p, *state);
	assert_int_equal(scratch_child(place_confined_child, &c), -SIGABRT);
	place_close(&p);
}

static bool filters;

static int
look(struct place *p)
{
	struct rlimit l;

	(void)p;
	STEP(11, getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0);
	STEP(12, prctl(PR_GET_DUMPABLE) == 0);
	STEP(13, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	/* To ask whether it could is not allowed. */
	STEP(14, prctl(PR_GET_SECCOMP) == (filters ? 2 : 0));
	STEP(15,
	    getrlimit(RLIMIT_NPROC, &l) == 0 &&
		l.rlim_max <= LIMIT_FETCH_PROCESSES);
	return 0;
}

static void
test_look(void **state)
{
	filters = calls_can_filter();
	keep(state, look);
}

/* As the fetcher that root has started. */
static int
confine_dropped(void *arg)
{
	const struct place *p = arg;

	if (rights_drop(SCRATCH_UID, SCRATCH_GID, NULL) != 0)
		return 11;
	return confine_fetcher(&p->cfg, p->cache, NULL) == 0 ? 0 : 12;
}

static void
test_dropped(void **state)
{
	struct place p;

	if (geteuid() != 0)
		skip();
	place_open(&p, *state);
	assert_int_equal(scratch_child(confine_dropped, &p), 0);
	place_close(&p);
}

static int
confine_badly(void *arg)
{
	struct place *p = arg;
	struct error err = {""};

	(void)snprintf(p->cfg.proxy, sizeof(p->cfg.proxy),
	    "http://user:sesame@proxy:port");
	if (confine_fetcher(&p->cfg, p->cache, &err) != -1)
		return 11;
	return strstr(err.text, "proxy") != NULL &&
		strstr(err.text, "sesame") == NULL
	    ? 0
	    : 12;
}

/* A proxy's port that can't be told is an error, and names no password. */
static void
test_bad_proxy(void **state)
{
	struct place p;

	place_open(&p, *state);
	assert_int_equal(scratch_child(confine_badly, &p), 0);
	place_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    scratch_test(test_read),
	    scratch_test(test_publish),
	    scratch_test(test_resolve),
	    scratch_test(test_ask),
	    scratch_test(test_tell),
	    scratch_test(test_abort),
	    scratch_test(test_look),
	    scratch_test(test_dropped),
	    scratch_test(test_bad_proxy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
