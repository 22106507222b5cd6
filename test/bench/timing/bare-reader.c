/*
 * The least that a load generator can do: users in a closed loop that send prepared bytes, take the time of each arrival
 * right after `read`, and look for the end of the answer. It opens all connections first. Linux only.
 *
 * Arguments: port, users, requests per user. Prints a line per request: its id, when it was sent, when its first and its
 * last byte arrived (CLOCK_MONOTONIC, nanoseconds). The last line is the CPU time in nanoseconds.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  int fd;
  int requests;
  int64_t id, sent, first;
  /* The last five bytes received. */
  char tail[5];
} User;

static int64_t clock_now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void put(int fd, const char *bytes, size_t length) {
  if (write(fd, bytes, length) != (ssize_t)length) fail("write");
}

static void send_request(User *user, int64_t id) {
  char body[256], request[512];
  int length = sprintf(body, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"#%lld\"}],\"stream\":true}", (long long)id);
  int total = sprintf(request, "POST /api/chat HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", length, body);
  user->id = id;
  user->first = 0;
  memset(user->tail, 0, sizeof user->tail);
  user->sent = clock_now(CLOCK_MONOTONIC);
  put(user->fd, request, total);
}

static void open_connection(User *user, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  user->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(user->fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  int one = 1;
  setsockopt(user->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const char *version = "GET /api/version HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
  char reply[1024];
  put(user->fd, version, strlen(version));
  if (read(user->fd, reply, sizeof reply) <= 0) fail("read");
}

/* Returns 1 when the answer is complete. */
static int receive(User *user, int64_t *at) {
  char bytes[1 << 16];
  ssize_t got = read(user->fd, bytes, sizeof bytes);
  *at = clock_now(CLOCK_MONOTONIC);
  if (got <= 0) fail("read");
  if (user->first == 0) user->first = *at;
  size_t kept = got < 5 ? 5 - got : 0;
  memmove(user->tail, user->tail + 5 - kept, kept);
  memcpy(user->tail + kept, bytes + got - (5 - kept), 5 - kept);
  return memcmp(user->tail, "0\r\n\r\n", 5) == 0;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int port = atoi(argv[1]), users = atoi(argv[2]), rounds = atoi(argv[3]);
  int epoll = epoll_create1(0);
  User *all = calloc(users, sizeof *all);
  int64_t(*log)[4] = calloc((size_t)users * rounds, sizeof *log);
  int64_t next = 0, done = 0;
  for (int at = 0; at < users; at++) {
    open_connection(&all[at], port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[at]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, all[at].fd, &event);
  }
  for (int at = 0; at < users; at++) send_request(&all[at], next++);
  struct epoll_event events[1024];
  while (done < (int64_t)users * rounds) {
    int ready = epoll_wait(epoll, events, 1024, -1);
    for (int index = 0; index < ready; index++) {
      User *user = events[index].data.ptr;
      int64_t at;
      if (!receive(user, &at)) continue;
      int64_t *entry = log[done++];
      entry[0] = user->id, entry[1] = user->sent, entry[2] = user->first, entry[3] = at;
      if (++user->requests < rounds) send_request(user, next++);
    }
  }
  for (int64_t at = 0; at < done; at++)
    printf("%lld %lld %lld %lld\n", (long long)log[at][0], (long long)log[at][1], (long long)log[at][2], (long long)log[at][3]);
  printf("%lld\n", (long long)clock_now(CLOCK_PROCESS_CPUTIME_ID));
  return 0;
}
