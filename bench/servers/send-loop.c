/* The floor of a fan-out: one send() of a ready frame for each viewer. Connections are told apart by their first byte: P publishes, V watches. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_VIEWERS 16384
#define MAX_FRAME (1 << 24)

static int viewers[MAX_VIEWERS];
static int viewer_count;
static uint8_t frame[MAX_FRAME + 10];

static int read_all(int fd, uint8_t *to, size_t size) {
  while (size > 0) {
    ssize_t got = recv(fd, to, size, 0);
    if (got <= 0) return 0;
    to += got;
    size -= (size_t)got;
  }
  return 1;
}

static int send_all(int fd, const uint8_t *from, size_t size) {
  while (size > 0) {
    ssize_t sent = send(fd, from, size, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    from += sent;
    size -= (size_t)sent;
  }
  return 1;
}

static void drop_viewers(void) {
  for (int i = 0; i < viewer_count; i++) close(viewers[i]);
  viewer_count = 0;
}

/* Returns 0 when the publisher has gone. */
static int pass_on(int publisher) {
  uint32_t length;
  if (!read_all(publisher, (uint8_t *)&length, 4)) return 0;
  length = ntohl(length);
  if (length > MAX_FRAME || !read_all(publisher, frame + 10, length)) return 0;
  int head = length < 126 ? 2 : length <= 0xffff ? 4 : 10;
  uint8_t *begin = frame + 10 - head;
  begin[0] = 0x82;
  begin[1] = head == 2 ? (uint8_t)length : head == 4 ? 126 : 127;
  for (int i = 2; i < head; i++) begin[i] = (uint8_t)((uint64_t)length >> (8 * (head - 1 - i)));
  for (int i = 0; i < viewer_count; i++) {
    if (send_all(viewers[i], begin, head + length)) continue;
    close(viewers[i]);
    viewers[i--] = viewers[--viewer_count];
  }
  return 1;
}

int main(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
  fflush(stdout);
  struct pollfd polled[2] = {{.fd = listener, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
  for (;;) {
    poll(polled, 2, -1);
    if (polled[1].fd >= 0 && polled[1].revents != 0 && !pass_on(polled[1].fd)) {
      close(polled[1].fd);
      polled[1].fd = -1;
      drop_viewers();
    }
    if ((polled[0].revents & POLLIN) == 0) continue;
    int fd = accept(listener, NULL, NULL);
    uint8_t role;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!read_all(fd, &role, 1)) close(fd);
    else if (role == 'P') polled[1].fd = fd;
    else if (viewer_count < MAX_VIEWERS) viewers[viewer_count++] = fd;
    else close(fd);
  }
}
