/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/denylist.h"
#include "base/file.h"
#include "base/limits.h"
#include "cmd/krl.h"
#include "cmd/krl_form.h"
#include "cmd/replace.h"
#include "cmd/run.h"
#include "policy/base64.h"

/* By this we know our own. */
#define KRL_COMMENT "packet-keys"
/* 100,000 keys take seconds. */
#define RUN_MS 120000

int
krl_add(struct krl *k, const char *fp, struct error *err)
{
	size_t size = k->size == 0 ? 64 : 2 * k->size;
	void *p;

	if (!denylist_fingerprint_ok(fp, strlen(fp)))
		return error_set(err, "%s: no fingerprint", fp);
	if (k->n == LIMIT_DENIED)
		return error_set(
		    err, "more than %d keys are denied", LIMIT_DENIED);
	if (k->n == k->size) {
		if ((p = reallocarray(k->fp, size, sizeof(*k->fp))) == NULL)
			return error_set(err, "no memory");
		k->fp = p;
		k->size = size;
	}
	memcpy(k->fp[k->n++], fp, KEYREC_FP_LEN + 1);
	return 0;
}

void
krl_free(struct krl *k)
{
	free(k->fp);
	*k = (struct krl){0};
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
sort_unique(struct krl *k)
{
	size_t i, n = 0;

	if (k->n == 0)
		return;
	qsort(k->fp, k->n, sizeof(*k->fp), compare);
	for (i = 1; i < k->n; i++) {
		if (strcmp(k->fp[n], k->fp[i]) != 0)
			memmove(k->fp[++n], k->fp[i], sizeof(*k->fp));
	}
	k->n = n + 1;
}

static const char *
find_keygen(void)
{
	static const char *const paths[] = {
	    "/usr/bin/ssh-keygen", "/usr/local/bin/ssh-keygen"};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

static int
run_keygen(const char *const *argv, struct error *err)
{
	struct run run = {.argv = argv, .uid = (uid_t)-1};
	char line[ERROR_SIZE / 2];
	struct buf out;
	int code;

	buf_init(&out, 64 * 1024);
	run.out = run.errout = &out;
	run.deadline = clock_mono_ms() + RUN_MS;
	code = run_program(&run, err);
	if (code > 0)
		code = error_set(err, "%s: exit %d: %s", argv[0], code,
		    run_last_line(&out, line, sizeof(line)));
	buf_free(&out);
	return code;
}

/* ssh-keygen(1): "hash: SHA256:…" in each line. */
static int
write_spec(struct replace *spec, const struct krl *k, struct error *err)
{
	struct buf text;
	size_t i;
	int r = -1;

	buf_init(&text, (size_t)LIMIT_DENIED * (KEYREC_FP_LEN + 8));
	for (i = 0; i < k->n; i++) {
		(void)buf_puts(&text, "hash: ");
		(void)buf_puts(&text, k->fp[i]);
		(void)buf_putc(&text, '\n');
	}
	if (text.failed)
		(void)error_set(err, "no memory");
	else if (file_write_all(spec->fd, text.data, text.len) == -1)
		(void)replace_errno(spec->temp, err);
	else
		r = 0;
	buf_free(&text);
	return r;
}

static int
make(struct replace *spec, struct replace *out, const struct krl *k,
    struct error *err)
{
	const char *keygen = find_keygen();
	const char *const write[] = {keygen, "-q", "-k", "-C", KRL_COMMENT,
	    "-f", out->temp, spec->temp, NULL};
	/* No key is asked for; but it reads the whole file first. */
	const char *const read[] = {keygen, "-Q", "-l", "-f", out->temp, NULL};

	if (keygen == NULL)
		return error_set(err,
		    "there is no ssh-keygen in /usr/bin or /usr/local/bin: "
		    "install OpenSSH's client");
	if (replace_begin(spec, err) == -1 || replace_begin(out, err) == -1 ||
	    write_spec(spec, k, err) == -1 || run_keygen(write, err) == -1 ||
	    replace_reopen(out, err) == -1)
		return -1;
	return run_keygen(read, err);
}

static bool
has_hash(const struct krl *k, const unsigned char *hash)
{
	char fp[sizeof("SHA256:") + BASE64_SIZE(KRL_HASH_LEN)] = "SHA256:";

	if (base64_encode(hash, KRL_HASH_LEN, fp + strlen(fp)) == 0)
		return false;
	fp[KEYREC_FP_LEN] = '\0';
	return k->n != 0 &&
	    bsearch(fp, k->fp, k->n, sizeof(*k->fp), compare) != NULL;
}

/* Reads the file of a KRL; form borrows of text. */
static enum file_result
read_krl(const char *path, struct buf *text, struct krl_form *form,
    struct error *err)
{
	enum file_result r;

	r = file_read(path, FILE_PUBLIC, LIMIT_KRL, text, err);
	*form = (struct krl_form){0};
	if (r == FILE_OK && text->len != 0 &&
	    krl_form_read(form, (struct slice){text->data, text->len}) == -1) {
		(void)error_set(err, "%s is no KRL", path);
		r = FILE_ERROR;
	}
	return r;
}

static bool
is_ours(const struct krl_form *form)
{
	return !form->others && form->comment.len == strlen(KRL_COMMENT) &&
	    memcmp(form->comment.p, KRL_COMMENT, form->comment.len) == 0;
}

/* No hash stands twice in a KRL: as many of ours as there are are all. */
static int
check_new(const char *path, const struct krl *k, struct error *err)
{
	const unsigned char *hash = NULL;
	struct krl_form form;
	struct buf text;
	size_t n = 0;
	int r;

	buf_init(&text, LIMIT_KRL + 1);
	if (read_krl(path, &text, &form, err) != FILE_OK) {
		buf_free(&text);
		return -1;
	}
	while ((r = krl_form_next(&form, &hash)) == 1 && has_hash(k, hash))
		n++;
	if (r != 0 || n != k->n || !is_ours(&form))
		r = error_set(
		    err, "ssh-keygen has not made the KRL that was asked for");
	buf_free(&text);
	return r;
}

static int
check_old(const char *path, struct error *err)
{
	struct krl_form form;
	struct buf text;
	enum file_result found;
	int r = 0;

	buf_init(&text, LIMIT_KRL + 1);
	found = read_krl(path, &text, &form, err);
	if (found == FILE_ERROR)
		r = -1;
	else if (found == FILE_OK && text.len != 0 && !is_ours(&form))
		r = error_set(err,
		    "%s is a KRL that packet-keys has not made: what it "
		    "revokes would be lost; give another file",
		    path);
	buf_free(&text);
	return r;
}

int
krl_write(const char *path, struct krl *k, struct error *err)
{
	struct replace spec, out = {.dirfd = -1, .fd = -1};
	int r = -1;

	sort_unique(k);
	if (replace_open(&spec, path, err) == 0 &&
	    replace_open(&out, path, err) == 0 &&
	    check_old(out.path, err) == 0 && make(&spec, &out, k, err) == 0 &&
	    check_new(out.temp, k, err) == 0)
		r = replace_publish(&out, err);
	/* In this order, as each gives back the signals it found. */
	replace_close(&out);
	replace_close(&spec);
	return r;
}
