/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/denylist.h"
#include "cmd/keyarg.h"
#include "policy/pubkey.h"

/* text has one byte more than any key, so that a longer file is seen. */
static ssize_t
read_file(const char *path, char text[LIMIT_KEY_TEXT + 1])
{
	size_t len = 0;
	ssize_t n = 1;
	int fd, saved;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return -1;
	while (n != 0 && len < LIMIT_KEY_TEXT + 1) {
		n = read(fd, text + len, LIMIT_KEY_TEXT + 1 - len);
		if (n == -1 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	saved = errno;
	(void)close(fd);
	errno = saved;
	return n == -1 ? -1 : (ssize_t)len;
}

static int
refuse(const char *path, enum pubkey_refusal r, struct error *err)
{
	const char *text = pubkey_refusal_text(r);

	switch (r) {
	case PUBKEY_NO_TEXT:
	case PUBKEY_INTERNAL:
		return error_set(err, "%s %s", path, text);
	case PUBKEY_PRIVATE:
		/* The usual words are for what was pasted into the portal. */
		return error_set(err,
		    "%s holds a private key; give the .pub file of it", path);
	case PUBKEY_LINES:
	case PUBKEY_TOO_LONG:
		return error_set(
		    err, "%s %s; give a file with one key alone", path, text);
	default:
		return error_set(err,
		    "%s %s; a fingerprint, as ssh-keygen -l prints it, will "
		    "do too",
		    path, text);
	}
}

static int
read_key(const char *path, struct keyarg *key, struct error *err)
{
	char text[LIMIT_KEY_TEXT + 1];
	struct pubkey pk;
	enum pubkey_refusal r;
	ssize_t len;

	if ((len = read_file(path, text)) == -1)
		return error_errno(err, "%s", path);
	r = pubkey_parse(text, (size_t)len, &pk);
	/* Somebody may have given us the private half. */
	explicit_bzero(text, sizeof(text));
	if (r == PUBKEY_OK &&
	    pubkey_fingerprint(pk.blob, pk.bloblen, key->fp) == -1)
		r = PUBKEY_INTERNAL;
	if (r != PUBKEY_OK)
		return refuse(path, r, err);
	memcpy(key->comment, pk.comment, sizeof(key->comment));
	return 0;
}

int
keyarg_read(const char *arg, struct keyarg *key, struct error *err)
{
	size_t len = strlen(arg);

	*key = (struct keyarg){.fp = ""};
	if (strncasecmp(arg, "MD5:", 4) == 0)
		return error_set(err,
		    "%s: an MD5 fingerprint is not enough to know a key by; "
		    "give the SHA256 one, as ssh-keygen -l prints it",
		    arg);
	if (strncmp(arg, "SHA256:", 7) != 0)
		return read_key(arg, key, err);
	if (len == KEYREC_FP_LEN + 1 && arg[len - 1] == '=')
		len--;
	if (!denylist_fingerprint_ok(arg, len))
		return error_set(err,
		    "%s: no fingerprint; ssh-keygen -l prints one: SHA256: "
		    "and 43 characters",
		    arg);
	memcpy(key->fp, arg, len);
	return 0;
}
