/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/calls.h"
#include "base/calls_table.h"

bool
calls_can_filter(void)
{
	/* A kernel that can would now read the filter at address 0. */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 &&
	    errno == EFAULT;
}

/*
 * Adds a rule for the call of that name, if libseccomp knows it.  What this
 * architecture lacks has a number below zero; what becomes of that is
 * libseccomp's business.
 */
static int
add(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned n,
    const struct scmp_arg_cmp *args)
{
	int r, nr = seccomp_syscall_resolve_name(name);

	if (nr == __NR_SCMP_ERROR)
		return 0;
	r = seccomp_rule_add_array(ctx, action, nr, n, args);
	return nr < 0 ? 0 : r;
}

static struct scmp_arg_cmp
argument(unsigned number, uint64_t mask, uint64_t value)
{
	return (struct scmp_arg_cmp){.arg = number,
	    .op = SCMP_CMP_MASKED_EQ,
	    .datum_a = mask,
	    .datum_b = value};
}

static int
add_rules(scmp_filter_ctx ctx)
{
	/* Signals to ourselves: abort(3), and threads. */
	struct scmp_arg_cmp is[2] = {
	    argument(0, 0xffffffff, (uint64_t)getpid())};
	const struct calls_rule *rule;
	unsigned n;
	int r = add(ctx, SCMP_ACT_ALLOW, "tgkill", 1, is);

	for (rule = calls_rules; rule->name != NULL && r == 0; rule++) {
		for (n = 0; n < 2 && rule->is[n].mask != 0; n++)
			is[n] = argument(rule->is[n].number, rule->is[n].mask,
			    rule->is[n].value);
		r = add(ctx, SCMP_ACT_ALLOW, rule->name, n, is);
	}
	return r;
}

static int
add_new(scmp_filter_ctx ctx, const bool allowed[CALLS_NEWEST + 1])
{
	int nr, r = 0;

	for (nr = CALLS_NEW; nr <= CALLS_NEWEST && r == 0; nr++) {
		if (!allowed[nr])
			r = seccomp_rule_add(
			    ctx, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
	}
	return r;
}

static int
add_all(scmp_filter_ctx ctx)
{
	static bool allowed[CALLS_NEWEST + 1];
	const char *const *name;
	int nr, r = 0;

	for (name = calls_allowed; *name != NULL && r == 0; name++) {
		nr = seccomp_syscall_resolve_name(*name);
		if (nr >= 0 && nr <= CALLS_NEWEST)
			allowed[nr] = true;
		r = add(ctx, SCMP_ACT_ALLOW, *name, 0, NULL);
	}
	/* OpenSSL tries it on kernels without getrandom(2). */
	if (r == 0)
		r = add(ctx, SCMP_ACT_ERRNO(ENOSYS), "shmget", 0, NULL);
	if (r == 0)
		r = add_rules(ctx);
	return r == 0 ? add_new(ctx, allowed) : r;
}

int
calls_confine(struct error *err)
{
	scmp_filter_ctx ctx;
	int r;

	if (!calls_can_filter())
		return 0;
	/* Before Linux 4.14: SIGSYS for the thread, which ends all of them. */
	if ((ctx = seccomp_init(SCMP_ACT_KILL_PROCESS)) == NULL)
		ctx = seccomp_init(SCMP_ACT_TRAP);
	if (ctx == NULL)
		return error_set(err, "no memory for the seccomp filter");
	if ((r = add_all(ctx)) == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	if (r == 0)
		return 0;
	errno = -r;
	return error_errno(err, "cannot load the seccomp filter");
}
