/*
 * Files that somebody names on the command line.
 */
#ifndef CMD_ANYFILE_H
#define CMD_ANYFILE_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Appends the whole file to out, which has the cap.  Anybody's, and a pipe
 * will do: nothing that decides who gets in may be read with this.  0, or -1
 * with the reason.
 */
int anyfile_read(const char *path, struct buf *out, struct error *err);

#endif
