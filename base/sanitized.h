/*
 * Whether this is built with AddressSanitizer.  Its runtime maps terabytes,
 * reads its own files and makes more calls than the program does, so that the
 * fetcher of such a build is confined less (grep for SANITIZED): never install
 * one.
 */
#ifndef BASE_SANITIZED_H
#define BASE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
