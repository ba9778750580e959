/* SPDX-License-Identifier: ISC */
#include <assert.h>
#include <ctype.h>
#include <ini.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/config_value.h"
#include "base/denylist.h"
#include "base/digest.h"
#include "base/file.h"

const char config_default_path[] = SYSCONFDIR "/packet-keys/packet-keys.conf";

/* A file up to this size costs no allocation. */
#define CONFIG_USUAL 2048

/* inih's own limit is 200 with line end and NUL; it cuts longer ones. */
struct reader {
	const char *p, *end;
	int line;
	int err_line; /* the line that inih must not see, or 0 */
	struct error err;
};

struct parse {
	struct config *cfg;
	struct reader in;
	uint64_t seen; /* a bit for each setting met */
	int err_line;
	struct error err; /* of the first bad setting */
};

static const struct config defaults = {
    .url = "https://api.equinix.com/metal/v1",
    .token_file = SYSCONFDIR "/packet-keys/token",
    .project = "auto",
    .device = "auto",
    .metadata_url = "https://metadata.platformequinix.com/metadata",
    .sources = SOURCE_BIT(SOURCE_DEVICE) | SOURCE_BIT(SOURCE_PROJECT) |
	SOURCE_BIT(SOURCE_PERSONAL),
    .connect_timeout_ms = 2000,
    .timeout_ms = 5000,
    .directory = LOCALSTATEDIR "/lib/packet-keys",
    .socket = RUNSTATEDIR "/packet-keys/fetch.sock",
    .fresh_ms = 5000,
    .stale_ms = INT64_C(7) * 86400 * 1000,
    .retry_ms = 10000,
    .mass_removal = 1,
    .policy_file = SYSCONFDIR "/packet-keys/policy.json",
    .fleet = "none",
};

/* inih says nothing of an empty section, nor of words behind one. */
static int
check_section(const char *p, const char *end, struct error *err)
{
	const char *name, *rest;

	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end && isspace((unsigned char)*p))
		p++;
	if (p == end || *p != '[')
		return 0;
	name = p + 1;
	if ((rest = memchr(name, ']', (size_t)(end - name))) == NULL)
		return 0;
	if (!config_value_section(name, (size_t)(rest - name)))
		return error_set(err,
		    "unknown section [%.*s]; there are "
		    "[portal], [cache] and [policy]",
		    (int)(rest - name), name);
	for (rest++; rest < end && isspace((unsigned char)*rest); rest++)
		;
	if (rest < end && *rest != ';' && *rest != '#')
		return error_set(err,
		    "only a comment may follow [section] "
		    "in its line");
	return 0;
}

static int
check_line(const char *p, size_t len, size_t max, struct error *err)
{
	if (len > max)
		return error_set(err,
		    "the line is too long (at most %zu "
		    "characters)",
		    max);
	if (memchr(p, '\0', len) != NULL)
		return error_set(err, "the line holds a NUL byte");
	return check_section(p, p + len, err);
}

/* fgets(3) over memory that counts lines and sees what inih would cut. */
static char *
read_line(char *dst, int size, void *ctx)
{
	struct reader *in = ctx;
	const char *nl, *line;
	size_t len;

	if (in->p == in->end || size < 2)
		return NULL;
	in->line++;
	nl = memchr(in->p, '\n', (size_t)(in->end - in->p));
	len = (size_t)((nl == NULL ? in->end : nl) - in->p);
	if (check_line(in->p, len, (size_t)size - 2, &in->err) == -1) {
		in->err_line = in->line;
		return NULL;
	}
	/* inih would take an indented line for more of the value above. */
	for (line = in->p; len > 0 && isspace((unsigned char)*line); len--)
		line++;
	memcpy(dst, line, len);
	dst[len] = '\0';
	in->p = nl == NULL ? in->end : nl + 1;
	return dst;
}

static int
on_setting(void *ctx, const char *section, const char *name, const char *value)
{
	struct parse *p = ctx;
	int which;

	if (p->err_line != 0)
		return 0;
	which = config_value_set(p->cfg, section, name, value, &p->err);
	if (which >= 0 && (p->seen & UINT64_C(1) << which) != 0)
		which =
		    error_set(&p->err, "[%s] %s is set twice", section, name);
	if (which < 0) {
		p->err_line = p->in.line;
		return 0;
	}
	p->seen |= UINT64_C(1) << which;
	return 1;
}

int
config_parse(struct config *cfg, const char *path, const char *text, size_t len,
    struct error *err)
{
	struct parse p = {.cfg = cfg, .in = {.p = text, .end = text + len}};
	int line;

	*cfg = defaults;
	cfg->path = path;
	line = ini_parse_stream(read_line, &p.in, on_setting, &p);
	/* The first error in the file is the one to name. */
	if (p.err_line != 0 && (line <= 0 || p.err_line <= line))
		return error_set(
		    err, "%s:%d: %s", path, p.err_line, p.err.text);
	if (line > 0)
		return error_set(err,
		    "%s:%d: neither [section], "
		    "name = value nor ; comment",
		    path, line);
	if (line != 0)
		return error_set(err, "%s: no memory", path);
	if (p.in.err_line != 0)
		return error_set(
		    err, "%s:%d: %s", path, p.in.err_line, p.in.err.text);
	return 0;
}

/* Reads a file beside the configuration; its digest, or that of its absence. */
static uint64_t
read_beside(const char *path, size_t max, struct config_file *file)
{
	static const char *const states[] = {"!", "+", "-"};
	uint64_t digest;

	/* Usually there is none, and words for that would cost a lookup more
	 * than all else here: they are asked for only when needed. */
	file->found = file_read(path, FILE_PUBLIC, max, &file->text, NULL);
	if (file->found == FILE_ERROR)
		file->found =
		    file_read(path, FILE_PUBLIC, max, &file->text, &file->err);
	digest = digest_add(DIGEST_INIT, states[file->found - FILE_ERROR], 1);
	if (file->found == FILE_OK)
		digest = digest_add(digest, file->text.data, file->text.len);
	return digest;
}

static void
name_deny_file(struct config *cfg)
{
	const char *slash = strrchr(cfg->policy_file, '/');
	size_t len = (size_t)(slash - cfg->policy_file) + 1;

	static_assert(sizeof(cfg->deny_file) >=
		sizeof(cfg->policy_file) + sizeof(DENYLIST_FILE),
	    "the longest name fits");
	/* A plain hit formats nothing: printf's pages would cost it 1 %. */
	memcpy(cfg->deny_file, cfg->policy_file, len);
	memcpy(cfg->deny_file + len, DENYLIST_FILE, sizeof(DENYLIST_FILE));
}

int
config_load_deny(struct config *cfg, const char *path,
    struct config_files *files, struct error *err)
{
	unsigned char storage[CONFIG_USUAL];
	struct buf text;
	int r = -1;

	*cfg = (struct config){0};
	buf_init_on(&text, storage, sizeof(storage), LIMIT_CONFIG_FILE + 1);
	if (file_read(path, FILE_PUBLIC, LIMIT_CONFIG_FILE, &text, err) ==
		FILE_OK &&
	    config_parse(cfg, path, (const char *)text.data, text.len, err) ==
		0) {
		cfg->digest = digest_add(DIGEST_INIT, text.data, text.len);
		name_deny_file(cfg);
		cfg->deny_digest =
		    read_beside(cfg->deny_file, LIMIT_DENY_FILE, &files->deny);
		r = 0;
	}
	buf_free(&text);
	return r;
}

void
config_load_policy(struct config *cfg, struct config_files *files)
{
	/* The stamp first: what is changed while it is read has another one
	 * then. */
	cfg->policy_stamp =
	    file_stamp_settled(cfg->policy_file, clock_wall_ms());
	cfg->policy_digest =
	    read_beside(cfg->policy_file, LIMIT_POLICY_FILE, &files->policy);
	if (files->policy.found == FILE_ERROR)
		cfg->policy_stamp = FILE_STAMP_NONE;
}

int
config_load_files(struct config *cfg, const char *path,
    struct config_files *files, struct error *err)
{
	if (config_load_deny(cfg, path, files, err) == -1)
		return -1;
	config_load_policy(cfg, files);
	return 0;
}

int
config_load(struct config *cfg, const char *path, struct error *err)
{
	struct config_files files;
	int r;

	config_files_init(&files);
	r = config_load_files(cfg, path, &files, err);
	config_files_free(&files);
	return r;
}

void
config_files_init(struct config_files *files)
{
	*files = (struct config_files){
	    {.found = FILE_MISSING}, {.found = FILE_MISSING}};
	buf_init(&files->policy.text, LIMIT_POLICY_FILE + 1);
	buf_init(&files->deny.text, LIMIT_DENY_FILE + 1);
}

void
config_files_free(struct config_files *files)
{
	buf_free(&files->policy.text);
	buf_free(&files->deny.text);
}
