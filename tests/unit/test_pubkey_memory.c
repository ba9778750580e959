/* SPDX-License-Identifier: ISC */
/*
 * Without memory a key is not judged: it must neither be let in nor be
 * refused for good, as an answer made of refused keys would lock people out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "pubkey_samples.h"

#define ED "ssh-ed25519 " B64_ED25519
#define EC "ecdsa-sha2-nistp384 " B64_ECDSA384
#define KEYSETS 40

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* libcrypto gets no memory from its left-th request on, or, with once, at
 * that one; -1: always gets it. */
static long left = -1;
static bool once;

static int
may_fail(void)
{
	if (left > 0)
		left--;
	if (left != 0)
		return 0;
	if (once)
		left = -1;
	return 1;
}

static void *
crypto_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return may_fail() ? NULL : malloc(n);
}

static void *
crypto_realloc(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return may_fail() ? NULL : realloc(p, n);
}

static void
crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* How a process ends whose first fingerprint is made so. */
static int
first_fingerprint(long n)
{
	char fp[KEYREC_FP_LEN + 1];
	int status = -1;
	pid_t pid;

	if ((pid = fork()) == 0) {
		left = n;
		_exit(pubkey_fingerprint((const unsigned char *)"x", 1, fp) ==
		    -1);
	}
	(void)waitpid(pid, &status, 0);
	return status;
}

/*
 * What libcrypto sets up once, at its first use: it crashes with half of it.
 * Ended by a made fingerprint, when no request is left that could fail.
 */
static int
check_first_use(void)
{
	long n;
	int how, status, failed = 0;

	for (how = 0; how < 2; how++) {
		once = how == 1;
		/* Some requests it can do without. */
		for (n = 1; n < 1500; n += n < 40 ? 1 : 13) {
			status = first_fingerprint(n);
			if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
				(void)fprintf(stderr,
				    "request %ld: status 0x%x\n", n,
				    (unsigned)status);
				return -1;
			}
			failed += WEXITSTATUS(status);
		}
	}
	once = false;
	return failed > 2 ? 0 : -1;
}

/* Each request that a check makes fails once, and all behind it. */
static void
test_point_without_memory(void **state)
{
	struct pubkey key;
	enum pubkey_refusal r = PUBKEY_INTERNAL;
	long n;

	(void)state;
	for (n = 1; r != PUBKEY_OK; n++) {
		assert_true(n < 10000);
		left = n;
		r = pubkey_parse(EC, strlen(EC), &key);
		left = -1;
		if (r != PUBKEY_OK) {
			assert_int_equal(r, PUBKEY_INTERNAL);
			assert_int_equal(key.bloblen, 0);
		}
	}
	assert_true(n > 2);
}

static void
test_record_without_libcrypto(void **state)
{
	static const char *const texts[] = {ED " me", EC " me"};
	struct keyset ks;
	struct keyrec *rec;
	size_t i;

	(void)state;
	keyset_init(&ks);
	for (i = 0; i < 2; i++) {
		rec = keyset_add(&ks);
		assert_non_null(rec);
		rec->text = texts[i];
		rec->textlen = strlen(texts[i]);
		left = 1;
		assert_int_equal(pubkey_check_record(&ks, rec), -1);
		left = -1;
		assert_null(rec->blob);
		assert_int_equal(rec->bloblen, 0);
		assert_string_equal(rec->fp, "");
		assert_string_equal(rec->refused, "internal");
	}
	keyset_free(&ks);
}

static void
test_fingerprint_without_memory(void **state)
{
	char fp[KEYREC_FP_LEN + 1] = "old";
	long n;
	int r = -1;

	(void)state;
	for (n = 1; r == -1; n++) {
		assert_true(n < 1000);
		(void)strcpy(fp, "old");
		left = n;
		r = pubkey_fingerprint((const unsigned char *)"x", 1, fp);
		left = -1;
		assert_int_equal(strlen(fp), r == -1 ? 0 : KEYREC_FP_LEN);
	}
	assert_true(n > 2);
}

/* The TLS connection's error must neither be covered nor be swept away. */
static void
check_error_queue(unsigned long want)
{
	char fp[KEYREC_FP_LEN + 1];
	struct pubkey key;
	long n;

	for (n = 1; n < 20; n++) {
		left = n;
		(void)pubkey_fingerprint((const unsigned char *)"x", 1, fp);
		left = n;
		(void)pubkey_parse(EC, strlen(EC), &key);
		left = -1;
		assert_int_equal(ERR_peek_last_error(), want);
	}
}

static void
test_error_queue(void **state)
{
	(void)state;
	ERR_clear_error();
	check_error_queue(0);
	ERR_raise(ERR_LIB_USER, 1);
	check_error_queue(ERR_peek_last_error());
	assert_int_not_equal(ERR_peek_last_error(), 0);
	ERR_clear_error();
}

#ifndef __SANITIZE_ADDRESS__
/* Checks records until the keyset's room is at its end; 0 if all was well. */
static int
exhaust(struct keyset *ks, size_t comment)
{
	char text[sizeof(ED) + KEYSETS];
	struct keyrec rec;
	int i;

	(void)snprintf(text, sizeof(text), ED " %.*s", (int)comment,
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	for (i = 0; i < 10000; i++) {
		rec = (struct keyrec){
		    .label = "", .text = text, .textlen = strlen(text)};
		if (pubkey_check_record(ks, &rec) == 0) {
			if (rec.refused != NULL || rec.blob == NULL)
				return 1;
			continue;
		}
		/* Sooner, and it was not the room that was missing. */
		return i < 100 || rec.blob != NULL || rec.bloblen != 0 ||
		    rec.fp[0] != '\0' || rec.refused == NULL ||
		    strcmp(rec.refused, "internal") != 0 ||
		    rec.label[0] != '\0';
	}
	return 1;
}

/* In a child: the memory of this process stays as it is. */
static void
test_record_without_memory(void **state)
{
	const struct rlimit none = {0, 0};
	struct keyset ks[KEYSETS];
	size_t i;
	pid_t pid;
	int status, bad = 0;
	void *spare;

	(void)state;
	for (i = 0; i < KEYSETS; i++) {
		keyset_init(&ks[i]);
		assert_non_null(keyset_copy(&ks[i], "", 0));
	}
	assert_int_not_equal(pid = fork(), -1);
	if (pid == 0) {
		/* For libcrypto: too small for more room in a keyset. */
		spare = malloc(16 * 1024);
		if (spare == NULL || setrlimit(RLIMIT_AS, &none) == -1)
			_exit(2);
		while (malloc(4 * 1024) != NULL)
			continue;
		free(spare);
		for (i = 0; i < KEYSETS; i++)
			bad |= exhaust(&ks[i], i);
		_exit(bad);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	for (i = 0; i < KEYSETS; i++)
		keyset_free(&ks[i]);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_point_without_memory),
	    cmocka_unit_test(test_record_without_libcrypto),
	    cmocka_unit_test(test_fingerprint_without_memory),
	    cmocka_unit_test(test_error_queue),
#ifndef __SANITIZE_ADDRESS__
	    cmocka_unit_test(test_record_without_memory),
#endif
	};
	char fp[KEYREC_FP_LEN + 1];
	struct pubkey key;

	/* Before libcrypto's first request, or it won't take them. */
	if (CRYPTO_set_mem_functions(
		crypto_malloc, crypto_realloc, crypto_free) != 1)
		return 1;
	if (check_first_use() == -1)
		return 1;
	/* What it sets up once is not part of the checks below. */
	if (pubkey_parse(EC, strlen(EC), &key) != PUBKEY_OK ||
	    pubkey_fingerprint(key.blob, key.bloblen, fp) == -1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
