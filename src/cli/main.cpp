#include <cstdio>

int main() {
  std::puts("tpool " TPOOL_VERSION);
  return 0;
}
