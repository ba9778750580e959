/* SPDX-License-Identifier: ISC */
#include <curl/curl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "portal/reach.h"
#include "portal/trust.h"

#define PORT_DNS 53
#define PORT_HTTPS 443
#define PORT_PROXY 1080 /* libcurl's, for all but https:// */

/* Folders without private keys in them, and what links there lead to. */
static const char *const stores[] = {"/etc/ssl/certs", "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem",
    "/etc/pki/ca-trust", "/etc/pki/trust", "/etc/ca-certificates",
    "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    "/usr/share/pki", "/usr/share/p11-kit", "/var/lib/ca-certificates"};

/* The settings of OpenSSL, and of what includes itself into them. */
static const char *const tls[] = {"/etc/ssl/openssl.cnf",
    "/etc/ssl/openssl.cnf.d", "/etc/ssl/openssl.d", "/etc/ssl/engdef.d",
    "/etc/ssl/engines.d", "/etc/ssl/fipsmodule.cnf", "/etc/pki/tls/openssl.cnf",
    "/etc/pki/tls/openssl.d", "/etc/pki/tls/fips_local.cnf",
    "/etc/pki/tls/fipsmodule.cnf", "/etc/crypto-policies",
    "/usr/share/crypto-policies", "/etc/gnutls", "/etc/pkcs11"};

static void
reach_all(struct fence *f, const char *const *paths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		fence_read(f, paths[i]);
}

static void
reach_tls(struct fence *f)
{
	static const char *const files[] = {
	    "openssl.cnf", "openssl.cnf.d", "fipsmodule.cnf"};
	char path[LIMIT_CONFIG_VALUE];
	size_t i;
	int n;

	reach_all(f, tls, sizeof(tls) / sizeof(tls[0]));
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		n = snprintf(path, sizeof(path), "%s/%s",
		    X509_get_default_cert_area(), files[i]);
		if (n > 0 && (size_t)n < sizeof(path))
			fence_read(f, path);
	}
}

/* A folder of certificates, wherever those lie. */
static void
reach_folder(struct fence *f, const char *path)
{
	fence_read(f, path);
	fence_read_links(f, path, stores, sizeof(stores) / sizeof(stores[0]));
}

static void
reach_trust(struct fence *f, const char *ca_file)
{
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
	const char *folder = NULL;
	struct trust t;

	trust_choose(&t, ca_file);
	if (t.kind == TRUST_FILE) {
		fence_read(f, t.path);
		return;
	}
	reach_all(f, stores, sizeof(stores) / sizeof(stores[0]));
	fence_read(f, X509_get_default_cert_file());
	fence_read(f, X509_get_default_cert_dir());
	if (v->age >= CURLVERSION_SEVENTH) {
		folder = v->capath;
		if (v->cainfo != NULL)
			fence_read(f, v->cainfo);
	}
	if (folder != NULL)
		reach_folder(f, folder);
	if (t.kind == TRUST_FOLDER &&
	    (folder == NULL || strcmp(t.path, folder) != 0))
		reach_folder(f, t.path);
}

/* The port of a URL; without one that of its scheme, or `without`, as libcurl
 * has it for proxies.  0: it can't be told. */
static unsigned long
port_of(const char *url, unsigned long without)
{
	char *port = NULL, *scheme = NULL;
	unsigned flags = without == 0 ? CURLU_DEFAULT_PORT : 0;
	unsigned long n = 0;
	CURLU *u = curl_url();

	if (u != NULL &&
	    curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
		CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
		if (curl_url_get(u, CURLUPART_PORT, &port, flags) == CURLUE_OK)
			n = strtoul(port, NULL, 10);
		else
			n = strcasecmp(scheme, "https") == 0 ? PORT_HTTPS
							     : without;
	}
	curl_free(port);
	curl_free(scheme);
	curl_url_cleanup(u);
	return n;
}

static int
reach_port(
    struct fence *f, const char *url, unsigned long without, struct error *err)
{
	unsigned long port = port_of(url, without);

	if (port == 0 || port > UINT16_MAX)
		return error_set(err, "the port of %s can't be told", url);
	fence_port(f, (uint16_t)port);
	return 0;
}

int
portal_reach(
    const struct portal_settings *set, struct fence *f, struct error *err)
{
	reach_tls(f);
	reach_trust(f, set->ca_file);
	/* For an answer that is too long for UDP. */
	fence_port(f, PORT_DNS);
	if (reach_port(f, set->url, 0, err) == -1 ||
	    reach_port(f, set->metadata_url, 0, err) == -1)
		return -1;
	if (set->proxy[0] == '\0')
		return 0;
	/* It may hold a password, so it is not named. */
	if (reach_port(f, set->proxy, PORT_PROXY, NULL) == -1)
		return error_set(err, "the port of the proxy can't be told");
	return 0;
}
