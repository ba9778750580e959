/* SPDX-License-Identifier: ISC */
/* Answers that are none: each fails its source alone, in words that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>
#include <zlib.h>

#include "tests/unit/portal_fixture.h"

#define PERSONAL SOURCE_BIT(SOURCE_PERSONAL)
#define N(a) (sizeof(a) / sizeof((a)[0]))
#define MIB ((size_t)1024 * 1024)

/* One answer for the personal list, and what becomes of it. */
static void
check(const struct httpd_route *route, const char *words)
{
	struct fixture f;

	fixture_start(&f, route, 1);
	f.timeout = 60000;
	fixture_fetch(&f, PERSONAL, false);
	/* By its answer, and not by the end of its time, on a busy machine
	 * too. */
	assert_failed(f, SOURCE_PERSONAL, words);
	assert_true(f.took < 50000);
	assert_string_equal(f.src[SOURCE_PERSONAL].etag, "");
	fixture_stop(&f);
}

static void
test_statuses(void **state)
{
	static const struct {
		int status;
		const char *body, *words;
	} rows[] = {
	    {401, "{\"error\":\"Invalid authentication token\"}",
		"portal answered 401: the token in /etc/packet-keys/token "
		"was not accepted (Invalid authentication token); if it "
		"is a project's token, take personal out of sources"},
	    {401, "<html>", "was not accepted; if it"},
	    {403, "{\"errors\":[\"You are not\",\"allowed\"]}",
		"portal answered 403: the token in /etc/packet-keys/token "
		"may not read this (You are not; allowed); if it is"},
	    {404, "", "portal answered 404: check url in the config"},
	    {422, "{\"errors\":[\"bad\"]}", "portal answered 422 (bad)"},
	    {429, "", "portal answered 429: too many requests"},
	    {500, "", "portal answered 500"},
	    {502, "<html>Bad Gateway</html>", "portal answered 502"},
	    {503, "{\"ssh_keys\":[]}", "portal answered 503"},
	    {201, LIST("x"), "portal answered 201, which is no list"},
	    {202, LIST("x"), "portal answered 202, which is no list"},
	    {206, LIST("x"), "portal answered 206, which is no list"},
	    {418, LIST("x"), "portal answered 418"},
	    {999, LIST("x"), "portal answered 999"},
	    {500, "{\"error\":\"you sent " TOKEN "\\n!\"}",
		"portal answered 500 (you sent ***********************?!)"},
	    {200, "", "answer is empty"},
	    {200, "<!DOCTYPE html>", "answer is HTML or XML, not JSON"},
	    {200, "{\"ssh_keys\":[", "answer was cut short"},
	    {200, "{}", "answer has no ssh_keys"},
	    {200, "{\"ssh_keys\":[" TOKEN "]}", "answer is not JSON"},
	};
	struct httpd_route route = {.path = MY_KEYS};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		route.status = rows[i].status;
		route.body = rows[i].body;
		check(&route, rows[i].words);
	}
}

static void
act_no_content(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void
act_cut(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(
	    fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" LIST("x"));
	_exit(0);
}

static void
act_cut_chunk(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "f\r\n{\"ssh_keys\":[]}\r\n");
	_exit(0);
}

static void
act_bad_chunk(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd,
	    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "zz\r\n{\"ssh_keys\":[]}\r\n");
	httpd_hang(fd);
}

static void
act_close(int fd, const struct httpd_request *req)
{
	(void)fd;
	(void)req;
	_exit(0);
}

static void
act_no_http(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, LIST("x"));
	_exit(0);
}

static void
act_half_header(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, "HTTP/1.1 200 OK\r\nContent-Le");
	_exit(0);
}

static void
act_headers(int fd, const struct httpd_request *req)
{
	int i;

	(void)req;
	httpd_sends(fd, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 10000; i++)
		httpd_sends(fd, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
	httpd_hang(fd);
}

static void
act_no_gzip(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_answer(fd, 200, "Content-Encoding: gzip\r\n", LIST("x"),
	    strlen(LIST("x")));
}

/* The refusal is known; its words never end. */
static void
act_slow_refusal(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, "HTTP/1.1 401 X\r\nContent-Length: 100\r\n\r\n{");
	httpd_hang(fd);
}

static void
act_huge_refusal(int fd, const struct httpd_request *req)
{
	static char body[LIMIT_ANSWER_ERROR + 4096];

	(void)req;
	memset(body, ' ', sizeof(body));
	httpd_sends(fd, "HTTP/1.1 403 X\r\n\r\n");
	for (;;)
		httpd_send(fd, body, sizeof(body));
}

static void
test_broken(void **state)
{
	static const struct {
		void (*act)(int, const struct httpd_request *);
		const char *words;
	} rows[] = {
	    {act_no_content, "portal answered 204, which is no list"},
	    {act_cut, "was cut short"},
	    {act_cut_chunk, "was cut short"},
	    {act_bad_chunk, "was cut short"},
	    {act_close, "no usable answer from 127.0.0.1:"},
	    {act_no_http, "no usable answer from 127.0.0.1:"},
	    {act_half_header, "answer is empty"},
	    {act_headers, "headers are too large"},
	    {act_no_gzip, "compression is broken"},
	    {act_huge_refusal, "portal answered 403: the token in"},
	};
	struct httpd_route route = {.path = MY_KEYS};
	size_t i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		route.act = rows[i].act;
		check(&route, rows[i].words);
	}
}

static void
test_slow_refusal(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS, .act = act_slow_refusal}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.timeout = 400;
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "portal answered 401");
	fixture_stop(&f);
}

/* A token in the middle of what has to be cut is not left in parts. */
static void
test_token_at_cut(void **state)
{
	char body[8192];
	struct httpd_route routes[] = {
	    {.path = MY_KEYS, .status = 500, .body = body}};
	struct fixture f;
	size_t pad;

	(void)state;
	for (pad = 150; pad < 230; pad += 7) {
		(void)snprintf(body, sizeof(body),
		    "{\"error\":\"%*s" TOKEN "\"}", (int)pad, "x");
		FIXTURE(f, routes);
		fixture_fetch(&f, PERSONAL, false);
		assert_failed(f, SOURCE_PERSONAL, "portal answered 500");
		assert_null(strstr(f.src[SOURCE_PERSONAL].reason, "sE"));
		fixture_stop(&f);
	}
}

static void
act_gzip(int fd, const void *data, size_t len)
{
	httpd_answer(fd, 200, "Content-Encoding: gzip\r\n", data, len);
}

/* {"ssh_keys":[]} and so many spaces, as gzip. */
static void
send_gzip(int fd, size_t spaces)
{
	static const char list[] = LIST("zip");
	static unsigned char out[MIB], chunk[64 * 1024];
	z_stream z = {.next_out = out, .avail_out = sizeof(out)};
	size_t n;

	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		_exit(1);
	z.next_in = (unsigned char *)(uintptr_t)list;
	z.avail_in = sizeof(list) - 1;
	(void)deflate(&z, Z_NO_FLUSH);
	memset(chunk, ' ', sizeof(chunk));
	for (; spaces > 0; spaces -= n) {
		n = spaces < sizeof(chunk) ? spaces : sizeof(chunk);
		z.next_in = chunk;
		z.avail_in = (unsigned)n;
		(void)deflate(&z, Z_NO_FLUSH);
	}
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		_exit(1);
	act_gzip(fd, out, sizeof(out) - z.avail_out);
	(void)deflateEnd(&z);
}

static void
act_zipped(int fd, const struct httpd_request *req)
{
	(void)req;
	send_gzip(fd, 100);
}

static void
act_bomb(int fd, const struct httpd_request *req)
{
	(void)req;
	send_gzip(fd, LIMIT_ANSWER);
}

static void
test_gzip(void **state)
{
	static const struct httpd_route routes[] = {{.path = MY_KEYS,
	    .act = act_zipped}},
					bomb = {
					    .path = MY_KEYS, .act = act_bomb};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "zip");
	fixture_stop(&f);
	check(&bomb, "answer is larger than 64 MiB");
}

/* An empty list of exactly that size. */
static void
send_padded(int fd, size_t len, const char *next)
{
	static char spaces[64 * 1024];
	char head[256];
	size_t n, at;

	memset(spaces, ' ', sizeof(spaces));
	n = (size_t)snprintf(head, sizeof(head),
	    "HTTP/1.1 200 X\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    len);
	httpd_send(fd, head, n);
	at = (size_t)snprintf(head, sizeof(head),
	    "{\"ssh_keys\":[],\"meta\":{"
	    "\"next\":%s}}",
	    next);
	httpd_send(fd, head, at);
	for (; at < len; at += n) {
		n = len - at < sizeof(spaces) ? len - at : sizeof(spaces);
		httpd_send(fd, spaces, n);
	}
}

static void
act_full(int fd, const struct httpd_request *req)
{
	(void)req;
	send_padded(fd, LIMIT_ANSWER, "null");
}

static void
act_over(int fd, const struct httpd_request *req)
{
	(void)req;
	send_padded(fd, LIMIT_ANSWER + 1, "null");
}

static void
act_two_thirds(int fd, const struct httpd_request *req)
{
	send_padded(fd, LIMIT_ANSWER / 3 * 2,
	    strchr(req->path, '?') == NULL ? "{\"href\":\"?p=2\"}" : "null");
}

static void
test_size(void **state)
{
	static const struct httpd_route
	    full[] = {{.path = MY_KEYS, .act = act_full}},
	    over = {.path = MY_KEYS, .act = act_over},
	    pages[] = {{.path = MY_KEYS, .act = act_two_thirds},
		{.path = MY_KEYS "?p=2", .act = act_two_thirds}};
	struct fixture f;

	(void)state;
	FIXTURE(f, full);
	f.timeout = 60000;
	fixture_fetch(&f, PERSONAL, false);
	assert_string_equal(f.src[SOURCE_PERSONAL].reason, "");
	assert_int_equal(f.src[SOURCE_PERSONAL].outcome, PORTAL_NEW);
	fixture_stop(&f);
	check(&over, "answer is larger than 64 MiB");
	FIXTURE(f, pages);
	f.timeout = 60000;
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "answer is larger than 64 MiB");
	fixture_stop(&f);
}

static void
act_hang(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_hang(fd);
}

/* A byte now and then, each in time, the whole never. */
static void
act_drip(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
	for (;;) {
		httpd_sends(fd, " ");
		(void)usleep(100 * 1000);
	}
}

static void
act_drip_headers(int fd, const struct httpd_request *req)
{
	(void)req;
	httpd_sends(fd, "HTTP/1.1 200 OK\r\n");
	for (;;) {
		httpd_sends(fd, "X: y\r\n");
		(void)usleep(100 * 1000);
	}
}

static void
act_slow_page(int fd, const struct httpd_request *req)
{
	const char *query = strchr(req->path, '?');
	char body[128];

	(void)usleep(150 * 1000);
	(void)snprintf(body, sizeof(body),
	    "{\"ssh_keys\":[],\"meta\":{"
	    "\"next\":{\"href\":\"?%d\"}}}",
	    query == NULL ? 1 : atoi(query + 1) + 1);
	httpd_answer(fd, 200, NULL, body, strlen(body));
}

static void
test_deadline(void **state)
{
	static void (*const acts[])(int, const struct httpd_request *) = {
	    act_hang, act_drip, act_drip_headers, act_slow_page};
	struct httpd_route routes[40] = {{.path = MY_KEYS}};
	char paths[40][32];
	struct fixture f;
	size_t i, j;

	(void)state;
	for (i = 0; i < N(acts); i++) {
		routes[0].act = acts[i];
		for (j = 1; j < N(routes); j++) {
			(void)snprintf(
			    paths[j], sizeof(paths[j]), "%s?%zu", MY_KEYS, j);
			routes[j] = (struct httpd_route){
			    .path = paths[j], .act = acts[i]};
		}
		FIXTURE(f, routes);
		f.timeout = 1000;
		fixture_fetch(&f, PERSONAL, false);
		assert_failed(f, SOURCE_PERSONAL, "no answer within 1 s");
		assert_in_range(f.took, 900, 1900);
		/* With no time at all nothing is even asked. */
		j = httpd_count(&f.d, NULL);
		f.timeout = 0;
		fixture_fetch(&f, ALL, true);
		assert_failed(f, SOURCE_DEVICE, "no answer within 0 ms");
		assert_failed(f, SOURCE_PERSONAL, "no answer within 0 ms");
		assert_int_equal(httpd_count(&f.d, NULL), j);
		fixture_stop(&f);
	}
}

/* One that hangs neither spoils nor delays what the others have to say. */
static void
test_sick_next_to_healthy(void **state)
{
	static const struct httpd_route routes[] = {META_ROUTE, RECORD_ROUTE,
	    {.path = DEV_KEYS(DEV), .act = act_drip}, PRJ_ROUTE,
	    {.path = MY_KEYS, .act = act_hang}};
	struct fixture f;

	(void)state;
	FIXTURE(f, routes);
	f.timeout = 700;
	fixture_fetch(&f, ALL, false);
	assert_failed(f, SOURCE_PERSONAL, "no answer within ");
	assert_failed(f, SOURCE_DEVICE, "no answer within ");
	assert_new(f, SOURCE_PROJECT, "prj");
	assert_new(f, SOURCE_METADATA, "meta");
	assert_string_equal(f.ids.project, PRJ);
	fixture_stop(&f);
}

static void
test_unreachable(void **state)
{
	struct fixture f;
	char words[128];

	(void)state;
	fixture_start(&f, NULL, 0);
	httpd_stop(&f.d);
	fixture_fetch(&f, ALL, false);
	(void)snprintf(words, sizeof(words),
	    "cannot reach %s: Connection "
	    "refused",
	    strstr(f.d.origin, "//") + 2);
	assert_failed(f, SOURCE_PERSONAL, words);
	assert_failed(f, SOURCE_METADATA, words);
	assert_failed(f, SOURCE_DEVICE, "could not be learned: cannot reach");
	assert_int_equal(f.src[SOURCE_PERSONAL].status, 0);
	fixture_stop(&f);

	fixture_start(&f, NULL, 0);
	f.set.url = "https://packet-keys.invalid/metal/v1";
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "cannot reach packet-keys.invalid: ");
	fixture_stop(&f);

	/* It speaks, but no TLS. */
	fixture_start(&f, NULL, 0);
	(void)snprintf(f.url, sizeof(f.url), "https://127.0.0.1:%d", f.d.port);
	f.timeout = 1000;
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "127.0.0.1:");
	fixture_stop(&f);
}

static void
check_retry(int status, const char *value, int64_t low, int64_t high)
{
	char headers[128];
	struct httpd_route routes[] = {{.path = MY_KEYS,
	    .status = status,
	    .headers = headers,
	    .body = LIST("my")}};
	struct fixture f;

	(void)snprintf(headers, sizeof(headers), "Retry-After: %s\r\n", value);
	FIXTURE(f, routes);
	fixture_fetch(&f, PERSONAL, false);
	if (f.src[SOURCE_PERSONAL].retry_after_ms < low ||
	    f.src[SOURCE_PERSONAL].retry_after_ms > high)
		fail_msg("%s: %lld", value,
		    (long long)f.src[SOURCE_PERSONAL].retry_after_ms);
	fixture_stop(&f);
}

static void
test_retry_after(void **state)
{
	char date[64];
	time_t t = time(NULL) + 100;
	struct tm tm;

	(void)state;
	check_retry(429, "30", 30000, 30000);
	check_retry(503, "0", 0, 0);
	check_retry(500, " 7 ", 7000, 7000);
	check_retry(429, "3600", LIMIT_RETRY_AFTER_MS, LIMIT_RETRY_AFTER_MS);
	check_retry(429, "3601", LIMIT_RETRY_AFTER_MS, LIMIT_RETRY_AFTER_MS);
	check_retry(
	    429, "20300101", LIMIT_RETRY_AFTER_MS, LIMIT_RETRY_AFTER_MS);
	check_retry(429, "99999999999999999999999999", LIMIT_RETRY_AFTER_MS,
	    LIMIT_RETRY_AFTER_MS);
	assert_non_null(gmtime_r(&t, &tm));
	assert_true(
	    strftime(date, sizeof(date), "%a, %d %b %Y %T GMT", &tm) > 0);
	check_retry(429, date, 90000, 100000);
	check_retry(503, "Fri, 31 Dec 2100 23:59:59 GMT", LIMIT_RETRY_AFTER_MS,
	    LIMIT_RETRY_AFTER_MS);
	check_retry(503, "Fri, 31 Dec 1999 23:59:59 GMT", 0, 0);
	check_retry(429, "", 0, 0);
	check_retry(429, "soon", 0, 0);
	check_retry(429, "-5", 0, 0);
	check_retry(429, "5s", 0, 0);
	/* With an answer it means nothing. */
	check_retry(200, "30", 0, 0);
}

/* A handle goes on after any fault, with the connections that it has. */
static void
test_handle_goes_on(void **state)
{
	static const struct httpd_route routes[] = {
	    {.path = MY_KEYS, .nth = 1, .act = act_hang},
	    {.path = MY_KEYS, .nth = 2, .act = act_close},
	    {.path = MY_KEYS, .nth = 3, .act = act_close},
	    {.path = MY_KEYS, .nth = 4, .status = 500}, MY_ROUTE};
	struct fixture f;
	pid_t pid;

	(void)state;
	FIXTURE(f, routes);
	f.timeout = 300;
	fixture_fetch(&f, PERSONAL, false);
	assert_failed(f, SOURCE_PERSONAL, "no answer within ");
	f.timeout = 5000;
	do {
		fixture_fetch(&f, PERSONAL, false);
	} while (httpd_count(&f.d, NULL) < 4);
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "my");
	pid = httpd_last(&f.d, MY_KEYS)->pid;
	fixture_fetch(&f, PERSONAL, false);
	assert_new(f, SOURCE_PERSONAL, "my");
	assert_int_equal(httpd_last(&f.d, MY_KEYS)->pid, pid);
	fixture_stop(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_statuses),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_slow_refusal),
	    cmocka_unit_test(test_token_at_cut),
	    cmocka_unit_test(test_gzip),
	    cmocka_unit_test(test_size),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_sick_next_to_healthy),
	    cmocka_unit_test(test_unreachable),
	    cmocka_unit_test(test_retry_after),
	    cmocka_unit_test(test_handle_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
