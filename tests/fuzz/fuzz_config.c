/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as packet-keys.conf: a whole config within its limits, or words
 * that name the file and hold no control character.
 */
#include <stdio.h>

#include "base/config.h"
#include "base/url.h"
#include "tests/fuzz/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char name[] = "/etc/fuzz.conf";

static void
check_text(const char *text, size_t size)
{
	CHECK(strnlen(text, size) < size);
}

static void
check_path(const char *path, size_t size, int required)
{
	check_text(path, size);
	CHECK(path[0] == '/' || (path[0] == '\0' && !required));
}

static void
check_id(const char *id, size_t size)
{
	check_text(id, size);
	CHECK(
	    strcmp(id, "auto") == 0 || strcmp(id, "none") == 0 || uuid_ok(id));
}

static void
check_span(int64_t ms, int64_t min, int64_t max)
{
	CHECK(ms >= min && ms <= max);
}

static void
check_config(const struct config *cfg)
{
	check_text(cfg->url, sizeof(cfg->url));
	check_text(cfg->metadata_url, sizeof(cfg->metadata_url));
	CHECK(url_check(cfg->url, NULL) == 0);
	CHECK(url_check(cfg->metadata_url, NULL) == 0);
	CHECK(cfg->url[strlen(cfg->url) - 1] != '/');
	check_path(cfg->token_file, sizeof(cfg->token_file), 1);
	check_path(cfg->directory, sizeof(cfg->directory), 1);
	check_path(cfg->socket, sizeof(cfg->socket), 1);
	check_path(cfg->policy_file, sizeof(cfg->policy_file), 1);
	check_path(cfg->ca_file, sizeof(cfg->ca_file), 0);
	check_text(cfg->proxy, sizeof(cfg->proxy));
	check_text(cfg->fleet, sizeof(cfg->fleet));
	check_id(cfg->project, sizeof(cfg->project));
	check_id(cfg->device, sizeof(cfg->device));
	CHECK(cfg->sources != 0 && cfg->sources < SOURCE_BIT(SOURCE_KEYS));
	check_span(cfg->connect_timeout_ms, 100, 60000);
	check_span(cfg->timeout_ms, 100, 60000);
	check_span(cfg->fresh_ms, 0, 86400000);
	check_span(cfg->stale_ms, 1000, INT64_C(3650) * 86400000);
	check_span(cfg->retry_ms, 0, 300000);
	CHECK(cfg->mass_removal >= 1 && cfg->mass_removal <= 1000);
}

static void
check_error(const struct error *err)
{
	const char *p;

	CHECK(strncmp(err->text, name, strlen(name)) == 0);
	CHECK(err->text[strlen(name)] == ':');
	for (p = err->text; *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char more[] = "\n; a line more\n";
	unsigned char *text = patch_copy(data, len), *longer;
	struct config cfg, cfg2;
	struct error err = {""}, err2 = {""};
	int r;

	memset(&cfg, 0x5a, sizeof(cfg));
	memset(&cfg2, 0x5a, sizeof(cfg2));
	r = config_parse(&cfg, name, (char *)text, len, &err);
	CHECK(r == 0 || r == -1);
	if (r == 0)
		check_config(&cfg);
	else
		check_error(&err);
	/* A comment behind it changes neither config nor error. */
	longer = malloc(len + sizeof(more));
	CHECK(longer != NULL);
	memcpy(longer, text, len);
	memcpy(longer + len, more, sizeof(more));
	CHECK(config_parse(&cfg2, name, (char *)longer, len + sizeof(more) - 1,
		  &err2) == r);
	CHECK(strcmp(err.text, err2.text) == 0);
	if (r == 0) {
		CHECK(strcmp(cfg.url, cfg2.url) == 0);
		CHECK(strcmp(cfg.policy_file, cfg2.policy_file) == 0);
		CHECK(cfg.sources == cfg2.sources);
		CHECK(cfg.stale_ms == cfg2.stale_ms);
	}
	free(longer);
	free(text);
	return 0;
}
