/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "portal/trust.h"

/* "xxxxxxxx.N", the name that openssl-rehash(1) gives a certificate. */
static bool
is_hashed(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	    name[9] != '\0' &&
	    strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool
folder_is_hashed(const char *path)
{
	const struct dirent *e;
	bool found = false;
	DIR *d;

	if ((d = opendir(path)) == NULL)
		return false;
	while (!found && (e = readdir(d)) != NULL)
		found = is_hashed(e->d_name);
	(void)closedir(d);
	return found;
}

/* Other TLS libraries read such a folder whole, which gains nothing. */
static bool
tls_looks_up(const curl_version_info_data *v)
{
	return v->ssl_version != NULL &&
	    (strncmp(v->ssl_version, "OpenSSL/", 8) == 0 ||
		strncmp(v->ssl_version, "LibreSSL/", 9) == 0);
}

void
trust_choose(struct trust *t, const char *ca_file)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	const char *folders[] = {NULL, "/etc/ssl/certs", "/etc/pki/tls/certs",
	    "/etc/pki/ca-trust/extracted/pem/directory-hash"};
	size_t i;
	int n;

	*t = (struct trust){.kind = TRUST_SYSTEM};
	if (ca_file[0] != '\0') {
		t->kind = TRUST_FILE;
		n = snprintf(t->path, sizeof(t->path), "%s", ca_file);
		/* Cut short it names no file, so nothing would be trusted. */
		if (n < 0 || (size_t)n >= sizeof(t->path))
			t->path[0] = '\0';
		return;
	}
	if (!tls_looks_up(v))
		return;
	if (v->age >= CURLVERSION_SEVENTH)
		folders[0] = v->capath;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folders[i] == NULL || !folder_is_hashed(folders[i]))
			continue;
		n = snprintf(t->path, sizeof(t->path), "%s", folders[i]);
		if (n > 0 && (size_t)n < sizeof(t->path)) {
			t->kind = TRUST_FOLDER;
			return;
		}
	}
}

/* A path that shall not be used is no loss where it could not be anyway. */
static CURLcode
set_path(CURL *easy, CURLoption option, const char *path)
{
	CURLcode r = curl_easy_setopt(easy, option, path);

	if (path == NULL &&
	    (r == CURLE_NOT_BUILT_IN || r == CURLE_UNKNOWN_OPTION))
		return CURLE_OK;
	return r;
}

CURLcode
trust_apply(const struct trust *t, CURL *easy)
{
	const char *file = t->kind == TRUST_FILE ? t->path : NULL;
	const char *folder = t->kind == TRUST_FOLDER ? t->path : NULL;
	CURLcode r;

	if (t->kind == TRUST_SYSTEM)
		return CURLE_OK;
	if ((r = set_path(easy, CURLOPT_CAINFO, file)) != CURLE_OK ||
	    (r = set_path(easy, CURLOPT_CAPATH, folder)) != CURLE_OK ||
	    (r = set_path(easy, CURLOPT_PROXY_CAINFO, file)) != CURLE_OK)
		return r;
	return set_path(easy, CURLOPT_PROXY_CAPATH, folder);
}

bool
trust_widen(struct trust *t)
{
	if (t->kind != TRUST_FOLDER)
		return false;
	*t = (struct trust){.kind = TRUST_SYSTEM};
	return true;
}
