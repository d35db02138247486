/* Loaded before libc: counts the writes below one folder, makes them fail from the n-th on
   (a full disk) or the n-th alone (an I/O error), and notes connections that leave the machine and
   names that are looked up.
   Whoever writes, Python, SQLite or Rust, comes through here. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile long seen, fail_at;
static volatile int error_number, only_once;

void shim_set(long at, int number, int once) {
    seen = 0;
    fail_at = at;
    error_number = number;
    only_once = once;
}

long shim_seen(void) { return seen; }

static int fails(int fd) {
    const char *folder = getenv("SHIM_FOLDER");
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0) return 0;
    path[size] = 0;
    if (strncmp(path, folder, strlen(folder))) return 0;
    long now = __sync_add_and_fetch(&seen, 1);
    if (!fail_at || (only_once ? now != fail_at : now < fail_at)) return 0;
    errno = error_number;
    return 1;
}

#define WRAP(name, parameters, arguments)                              \
    ssize_t name parameters {                                          \
        static ssize_t(*real) parameters;                              \
        if (!real) real = (ssize_t(*) parameters)dlsym(RTLD_NEXT, #name); \
        return fails(fd) ? -1 : real arguments;                        \
    }

WRAP(write, (int fd, const void *data, size_t size), (fd, data, size))
WRAP(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at))
WRAP(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
WRAP(writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRAP(pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))

static void note(const char *log, const char *text) {
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0) return;
    dprintf(out, "%s\n", text);
    close(out);
}

/* libc asks the name server by a connect of its own that does not come through here. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (!real)
        real = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))
            dlsym(RTLD_NEXT, "getaddrinfo");
    const char *log = getenv("SHIM_CONNECTIONS");
    unsigned char bytes[sizeof(struct in6_addr)];
    int named = node && strcmp(node, "localhost") && inet_pton(AF_INET, node, bytes) != 1 &&
                inet_pton(AF_INET6, node, bytes) != 1;
    if (log && named) {
        note(log, node);
        return EAI_NONAME;
    }
    return real(node, service, hints, found);
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (!real) real = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    const char *log = getenv("SHIM_CONNECTIONS");
    char text[INET6_ADDRSTRLEN] = "";
    int away = 0;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)address;
        inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
        away = (ntohl(four->sin_addr.s_addr) >> 24) != 127;
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
        inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
        away = strcmp(text, "::1") != 0;
    }
    if (log && away) {
        note(log, text);
        errno = ENETUNREACH;
        return -1;
    }
    return real(fd, address, size);
}
