/* fd.h: descriptors. */
#ifndef BASE_FD_H
#define BASE_FD_H

#include "base/base.h"

/* Writes all of it, whatever interrupts it; false: some is not written, errno says why. */
bool fd_write(int fd, const char *bytes, size_t len);

#endif
