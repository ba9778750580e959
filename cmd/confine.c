/* SPDX-License-Identifier: ISC */
#include <link.h>
#include <string.h>
#include <time.h>

#include "base/calls.h"
#include "base/fence.h"
#include "base/rights.h"
#include "base/sanitized.h"
#include "cmd/confine.h"
#include "portal/reach.h"

/*
 * What glibc reads to find a host: its own files, the folders that
 * resolv.conf is replaced in, and those of NSS modules, which may come from
 * any folder of libraries.  (Their sockets need no right of Landlock.)
 */
static const char *const readable[] = {
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/hostname",
    "/etc/machine-info",
    "/etc/default/nss",
    "/etc/mdns.allow",
    "/etc/ld.so.cache",
    "/run/systemd/resolve",
    "/run/systemd/machines",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/run/connman",
    "/run/netconfig",
    "/run/nscd",
    "/var/cache/nscd",
    "/var/lib/sss/mc",
    "/usr/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/local/lib64",
    /* Time zones. */
    "/etc/localtime",
    "/etc/timezone",
    "/usr/share/zoneinfo",
    /* The kernel's. */
    "/dev/urandom",
    "/dev/random",
    "/proc/sys/kernel/random",
    "/proc/sys/crypto/fips_enabled",
    "/proc/sys/vm/overcommit_memory",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/sys/devices/system/cpu",
#if SANITIZED
    "/proc/self",
#endif
};

/* Where a library was found, NSS modules and TLS providers lie beside it. */
static int
allow_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *slash = strrchr(info->dlpi_name, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - info->dlpi_name);
	char folder[LIMIT_CONFIG_VALUE];

	(void)size;
	if (info->dlpi_name[0] != '/' || len == 0 || len >= sizeof(folder))
		return 0;
	memcpy(folder, info->dlpi_name, len);
	folder[len] = '\0';
	/* Most lie where all others do. */
	if (strncmp(folder, "/lib", 4) != 0 &&
	    strncmp(folder, "/usr/lib", 8) != 0)
		fence_read(arg, folder);
	return 0;
}

static int
raise_fence(const struct config *cfg, int dirfd, struct error *err)
{
	const struct portal_settings set = {.url = cfg->url,
	    .metadata_url = cfg->metadata_url,
	    .ca_file = cfg->ca_file,
	    .proxy = cfg->proxy};
	struct fence f;
	size_t i;
	int r;

	fence_open(&f);
	for (i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
		fence_read(&f, readable[i]);
	(void)dl_iterate_phdr(allow_library, &f);
	fence_write(&f, "/dev/null");
	fence_read(&f, cfg->token_file);
	fence_folder(&f, dirfd);
	r = portal_reach(&set, &f, err);
	if (fence_enter(&f, r == -1 ? NULL : err) == -1)
		r = -1;
	return r;
}

int
confine_fetcher(const struct config *cfg, int dirfd, struct error *err)
{
	/* A time zone's file may be anywhere. */
	tzset();
	if (rights_confine(err) == -1 || raise_fence(cfg, dirfd, err) == -1)
		return -1;
	return calls_confine(err);
}
