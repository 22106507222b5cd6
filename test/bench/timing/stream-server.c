/*
 * A server that streams answers as Ollama does, or to `/v1/completions` as OpenAI's API does, and logs what it really
 * did. Linux only.
 *
 * Arguments: tokens per answer, microseconds between two tokens, and `step` or `spread`. In step, all streams get their
 * next token at the same moment. Spread, each connection has a phase of its own. Prints its port. When its standard input
 * ends, it prints a line per request: its id, when it arrived, and when each line left (CLOCK_MONOTONIC, nanoseconds).
 * The id is the number after the first `#` of the request's body.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FDS = 4096, BODY = 1 << 16, WRITES_BETWEEN_READS = 8 };

/* The parts of an answer as they are written: with the first token, with another, with the end. */
typedef struct {
  char first[1024], token[512], last[1024];
} Answer;

typedef struct {
  char in[BODY];
  size_t length;
  int64_t phase;
  /* When the system had the last bytes received. */
  int64_t reached;
  /* The log entry of the running request, or NULL. */
  int64_t *entry;
  const Answer *answer;
  int sent;
  int64_t due;
} Connection;

static Connection *connections[MAX_FDS];
static int highest, opened, tokens, epoll, listener;
static int64_t gap;
static int spread;
static int64_t **entries;
static size_t count, capacity;
static Answer ollama, openai;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void chunk(char *to, const char *text, const char *end) {
  sprintf(to, "%zx\r\n%s\r\n%s", strlen(text), text, end);
}

static void prepare(Answer *answer, const char *type, const char *token, const char *end) {
  chunk(answer->token, token, "");
  sprintf(answer->first, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n%s", type, answer->token);
  chunk(answer->last, end, "0\r\n\r\n");
}

static void prepare_answers(void) {
  char end[512];
  sprintf(end, "{\"model\":\"m\",\"created_at\":\"2025-08-08T14:21:03.123456789Z\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done_reason\":\"stop\",\"done\":true,\"total_duration\":1300000000,\"load_duration\":10000000,\"prompt_eval_count\":31,\"prompt_eval_duration\":8000000,\"eval_count\":%d,\"eval_duration\":1200000000}\n", tokens);
  prepare(&ollama, "application/x-ndjson", "{\"model\":\"m\",\"created_at\":\"2025-08-08T14:21:03.123456789Z\",\"message\":{\"role\":\"assistant\",\"content\":\" token\"},\"done\":false}\n", end);
  sprintf(end, "data: {\"id\":\"c\",\"object\":\"text_completion\",\"created\":1754662863,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":31,\"completion_tokens\":%d,\"total_tokens\":%d}}\n\ndata: [DONE]\n\n", tokens, 31 + tokens);
  prepare(&openai, "text/event-stream", "data: {\"id\":\"c\",\"object\":\"text_completion\",\"created\":1754662863,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\" token\",\"logprobs\":null,\"finish_reason\":null}]}\n\n", end);
}

static void put(int fd, const char *text) {
  size_t length = strlen(text);
  if (write(fd, text, length) != (ssize_t)length && errno != EPIPE && errno != ECONNRESET) fail("write");
}

static void hang_up(int fd) {
  free(connections[fd]);
  connections[fd] = NULL;
  close(fd);
}

static void take_connection(void) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
  if (fd < 0) return;
  if (fd >= MAX_FDS) fail("too many connections");
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  Connection *connection = calloc(1, sizeof *connection);
  /* Multiples of the golden ratio are spread evenly, however many there are. */
  double turn = opened++ * 0.6180339887498949;
  connection->phase = spread ? (int64_t)((turn - (int64_t)turn) * gap) : 0;
  connections[fd] = connection;
  if (fd > highest) highest = fd;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void begin(Connection *connection, const char *body, int64_t arrived) {
  const char *mark = strchr(body, '#');
  int64_t *entry = calloc(tokens + 4, sizeof *entry);
  entry[0] = mark == NULL ? -1 : atoll(mark + 1);
  entry[1] = arrived;
  entry[2] = connection->reached;
  if (count == capacity) entries = realloc(entries, (capacity = capacity * 2 + 64) * sizeof *entries);
  entries[count++] = entry;
  connection->entry = entry;
  connection->answer = strncmp(connection->in, "POST /v1/completions ", 21) == 0 ? &openai : &ollama;
  connection->sent = 0;
  connection->due = ((arrived - connection->phase) / gap + 1) * gap + connection->phase;
}

/* Like `read`. Sets the time at which the system had the bytes, on CLOCK_MONOTONIC. */
static ssize_t read_with_time(int fd, char *to, size_t size, int64_t *reached) {
  char control[CMSG_SPACE(sizeof(struct timespec))];
  struct iovec bytes = {.iov_base = to, .iov_len = size};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, 0);
  struct timespec real, stamp;
  clock_gettime(CLOCK_REALTIME, &real);
  *reached = now();
  for (struct cmsghdr *part = got > 0 ? CMSG_FIRSTHDR(&message) : NULL; part != NULL; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    *reached -= (real.tv_sec - stamp.tv_sec) * 1000000000LL + real.tv_nsec - stamp.tv_nsec;
  }
  return got;
}

static void receive(int fd) {
  Connection *connection = connections[fd];
  ssize_t got = read_with_time(fd, connection->in + connection->length, BODY - 1 - connection->length, &connection->reached);
  int64_t arrived = now();
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) {
    hang_up(fd);
    return;
  }
  connection->length += got;
  connection->in[connection->length] = 0;
  char *body = strstr(connection->in, "\r\n\r\n");
  if (body == NULL) return;
  body += 4;
  char *size = strcasestr(connection->in, "\r\ncontent-length:");
  size_t length = size != NULL && size < body ? strtoul(size + 17, NULL, 10) : 0;
  if (connection->length < (size_t)(body - connection->in) + length) return;
  if (connection->in[0] == 'G')
    put(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"version\":\"0.11.3\"}");
  else
    begin(connection, body, arrived);
  connection->length = 0;
}

/* Handles what has arrived. Returns 0 when standard input ends. */
static int receive_all(int timeout) {
  struct epoll_event events[MAX_FDS];
  int ready = epoll_wait(epoll, events, MAX_FDS, timeout);
  for (int at = 0; at < ready; at++) {
    int fd = events[at].data.fd;
    char input[64];
    uint64_t ticks;
    if (fd == STDIN_FILENO) {
      if (read(fd, input, sizeof input) <= 0) return 0;
    } else if (fd == listener) {
      take_connection();
    } else if (connections[fd] != NULL) {
      receive(fd);
    } else if (read(fd, &ticks, sizeof ticks) < 0 && errno != EAGAIN) {
      fail("timer");
    }
  }
  return 1;
}

static void send_line(int fd) {
  Connection *connection = connections[fd];
  int index = connection->sent++;
  connection->due += gap;
  connection->entry[3 + index] = now();
  const Answer *answer = connection->answer;
  put(fd, index == 0 ? answer->first : index < tokens ? answer->token : answer->last);
  if (index == tokens) connection->entry = NULL;
}

/* Sends all lines that are due, and sets the timer for the next. Returns 0 when standard input ends. */
static int send_due(int timer) {
  int64_t next = INT64_MAX, time = now();
  int writes = 0;
  for (int fd = 0; fd <= highest; fd++) {
    if (connections[fd] == NULL || connections[fd]->entry == NULL) continue;
    if (connections[fd]->due <= time) {
      send_line(fd);
      if (++writes % WRITES_BETWEEN_READS == 0 && !receive_all(0)) return 0;
    }
    Connection *connection = connections[fd];
    if (connection != NULL && connection->entry != NULL && connection->due < next) next = connection->due;
  }
  /* A request that arrived during the writes may be due earlier than any other. */
  if (writes > 0) next = now() + 50000 < next ? now() + 50000 : next;
  struct itimerspec when = {0};
  if (next != INT64_MAX) {
    when.it_value.tv_sec = next / 1000000000LL;
    when.it_value.tv_nsec = next % 1000000000LL;
  }
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  tokens = atoi(argv[1]);
  gap = atoll(argv[2]) * 1000;
  spread = strcmp(argv[3], "spread") == 0;
  prepare_answers();
  epoll = epoll_create1(0);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1024) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  int watched[] = {STDIN_FILENO, listener, timer};
  for (int at = 0; at < 3; at++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = watched[at]};
    epoll_ctl(epoll, EPOLL_CTL_ADD, watched[at], &event);
  }
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  while (receive_all(-1) && send_due(timer)) continue;
  for (size_t at = 0; at < count; at++) {
    for (int field = 0; field < tokens + 4; field++)
      printf(field == 0 ? "%lld" : " %lld", (long long)entries[at][field]);
    putchar('\n');
  }
  return 0;
}
