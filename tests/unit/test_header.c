/* SPDX-License-Identifier: ISC */
/* Dates in the headers of an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "portal/header.h"

static int64_t
date(const char *text)
{
	return header_date(text, strlen(text));
}

static void
test_date(void **state)
{
	(void)state;
	assert_int_equal(date("Thu, 01 Jan 1970 00:00:01 GMT"), 1000);
	assert_int_equal(
	    date("Tue, 30 Jun 2026 00:00:00 GMT"), INT64_C(1782777600000));
	/* Cut off, empty, before all time, no date, too long. */
	assert_int_equal(header_date("Tue, 30 Jun 2026 00:00:00 GMTx", 0), 0);
	assert_int_equal(date(""), 0);
	assert_int_equal(date("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
	assert_int_equal(date("soon"), 0);
	assert_int_equal(
	    date("Tue, 30 Jun 2026 00:00:00 GMT                            "
		 "                                                        "),
	    0);
	assert_in_range(
	    date("Fri, 31 Dec 9999 23:59:59 GMT"), 0, LIMIT_DATE_S * 1000);
}

static void
test_retry_after(void **state)
{
	const int64_t now = INT64_C(1782777590000);

	(void)state;
	assert_int_equal(header_retry_after("7", 1, now), 7000);
	assert_int_equal(
	    header_retry_after("Tue, 30 Jun 2026 00:00:00 GMT", 29, now),
	    10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_date),
	    cmocka_unit_test(test_retry_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
