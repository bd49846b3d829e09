/* Preloaded into a process: counts what it changes below the folder FAULT_UNDER, and at the change FAULT_AT either ends the process as a kill
 * does (FAULT_HOW=kill) or lets it find the disk full from there on (FAULT_HOW=full). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long changes;

/* Whether the change that comes now is to fail. */
static int fails(const char *path) {
  const char *under = getenv("FAULT_UNDER");
  if (!under || !path || !strstr(path, under)) return 0;
  long now = __sync_add_and_fetch(&changes, 1);
  long at = atol(getenv("FAULT_AT"));
  if (now < at) return 0;
  if (!strcmp(getenv("FAULT_HOW"), "kill")) syscall(SYS_exit_group, 137);
  errno = ENOSPC;
  return 1;
}

static int fails_fd(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return fails(path);
}

#define REAL(type, name, ...)                                   \
  static type (*real)(__VA_ARGS__);                             \
  if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *bytes, size_t count) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return fails_fd(fd) ? -1 : real(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  return fails_fd(fd) ? -1 : real(fd, parts, count);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return fails_fd(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return fails_fd(fd) ? -1 : real(fd);
}

int ftruncate64(int fd, off64_t length) {
  REAL(int, "ftruncate64", int, off64_t);
  return fails_fd(fd) ? -1 : real(fd, length);
}

/* A full disk lets names go and change, so that these fail by a kill alone. */
static void ends(const char *path) {
  if (getenv("FAULT_HOW") && !strcmp(getenv("FAULT_HOW"), "kill")) fails(path);
}

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  ends(to);
  return real(from, to);
}

int mkdir(const char *path, mode_t mode) {
  REAL(int, "mkdir", const char *, mode_t);
  return fails(path) ? -1 : real(path, mode);
}

int unlink(const char *path) {
  REAL(int, "unlink", const char *);
  ends(path);
  return real(path);
}

int rmdir(const char *path) {
  REAL(int, "rmdir", const char *);
  ends(path);
  return real(path);
}

int unlinkat(int fd, const char *path, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  ends(path);
  return real(fd, path, flags);
}
