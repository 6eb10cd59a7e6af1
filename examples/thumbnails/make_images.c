// Paints the example's twelve pictures, the same on every machine, into a
// directory that exists.
//
// Usage: make_images DIRECTORY
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct pixel {
  uint8_t red;
  uint8_t green;
  uint8_t blue;
};

// A painter knows where it paints: x < width, y < height.
struct place {
  int32_t x;
  int32_t y;
  int32_t width;
  int32_t height;
};

typedef struct pixel (*painter)(struct place at);

static struct pixel grey(int32_t value) {
  uint8_t clipped = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  return (struct pixel){clipped, clipped, clipped};
}

// A number that looks random, from numbers that don't (xorshift-multiply).
static uint32_t scramble(uint32_t value) {
  value ^= value >> 16;
  value *= 0x7feb352du;
  value ^= value >> 15;
  value *= 0x846ca68bu;
  return value ^ value >> 16;
}

static int32_t squared_distance(struct place at, int32_t x, int32_t y) {
  return (at.x - x) * (at.x - x) + (at.y - y) * (at.y - y);
}

static struct pixel gradient(struct place at) {
  return (struct pixel){(uint8_t)(at.x * 255 / (at.width - 1)),
                        (uint8_t)(at.y * 255 / (at.height - 1)), 128};
}

static struct pixel chessboard(struct place at) {
  return grey((at.x / 20 + at.y / 20) % 2 == 0 ? 235 : 30);
}

static struct pixel rings(struct place at) {
  int32_t distance = squared_distance(at, at.width / 2, at.height / 2);
  int32_t ring = distance / 256 % 64;
  return (struct pixel){(uint8_t)(ring * 4), (uint8_t)(255 - ring * 4), 200};
}

static struct pixel stripes(struct place at) {
  int32_t phase = (at.x + 2 * at.y) % 96;
  return phase < 32   ? (struct pixel){220, 50, 47}
         : phase < 64 ? (struct pixel){253, 246, 227}
                      : (struct pixel){38, 139, 210};
}

static struct pixel noise(struct place at) {
  uint32_t bits = scramble((uint32_t)(at.y * at.width + at.x));
  return (struct pixel){(uint8_t)bits, (uint8_t)(bits >> 8),
                        (uint8_t)(bits >> 16)};
}

static struct pixel night(struct place at) {
  if (scramble((uint32_t)(at.y * at.width + at.x)) % 400 == 0)
    return (struct pixel){255, 250, 220};
  int32_t moon = squared_distance(at, at.width * 3 / 4, at.height / 4);
  if (moon < 900)
    return (struct pixel){240, 235, 200};
  return (struct pixel){8, 12, (uint8_t)(24 + at.y * 60 / at.height)};
}

static struct pixel carpet(struct place at) {
  for (int32_t x = at.x, y = at.y; x > 0 || y > 0; x /= 3, y /= 3)
    if (x % 3 == 1 && y % 3 == 1)
      return (struct pixel){120, 20, 40};
  return (struct pixel){230, 190, 90};
}

static struct pixel triangle(struct place at) {
  return (at.x & at.y) == 0 ? grey(250) : grey((at.x ^ at.y) & 127);
}

// The Mandelbrot set in fixed point, 12 bits after the point: every machine
// rounds alike. A point leaves the loop once it is more than 2 from the centre,
// so no coordinate passes 6, and its square fits.
static struct pixel mandelbrot(struct place at) {
  int32_t real = (at.x * 3 * 4096) / at.width - 2 * 4096;
  int32_t imaginary = (at.y * 2 * 4096) / at.height - 4096;
  int32_t x = 0;
  int32_t y = 0;
  int32_t step = 0;
  for (; step < 63; ++step) {
    int32_t x_squared = x * x / 4096;
    int32_t y_squared = y * y / 4096;
    if (x_squared + y_squared > 4 * 4096)
      break;
    y = x * y / 2048 + imaginary;
    x = x_squared - y_squared + real;
  }
  return (struct pixel){(uint8_t)(step * 4), (uint8_t)(step * step / 16),
                        (uint8_t)(step == 63 ? 0 : 80 + step)};
}

static struct pixel hills(struct place at) {
  int32_t back = at.height / 2 + (at.x % 160 - 80) * (at.x % 160 - 80) / 120;
  int32_t front =
    at.height * 2 / 3 + (at.x % 230 - 115) * (at.x % 230 - 115) / 260;
  if (at.y >= front)
    return (struct pixel){46, 110, 60};
  if (at.y >= back)
    return (struct pixel){90, 150, 110};
  return (struct pixel){150, (uint8_t)(200 - at.y / 4), 240};
}

static struct pixel weave(struct place at) {
  int32_t along = at.x % 24 < 12 ? at.x % 12 : at.y % 12;
  int32_t light = 255 - (along - 6) * (along - 6) * 5;
  return (struct pixel){(uint8_t)light, (uint8_t)(light * 3 / 4),
                        (uint8_t)(light / 2)};
}

static struct pixel lamps(struct place at) {
  static const int32_t lamps_at[3][2] = {{60, 60}, {200, 90}, {130, 190}};
  int32_t light[3];
  for (int i = 0; i < 3; ++i) {
    int32_t distance = squared_distance(at, lamps_at[i][0], lamps_at[i][1]);
    light[i] = 255 * 4000 / (4000 + distance);
  }
  return (struct pixel){(uint8_t)light[0], (uint8_t)light[1],
                        (uint8_t)light[2]};
}

struct painting {
  const char* name;
  int32_t width;
  int32_t height;
  painter paint;
};

// Wide, tall, square, and one that is smaller than a thumbnail.
static const struct painting paintings[] = {
  {"01-gradient", 320, 240, gradient},
  {"02-chessboard", 320, 320, chessboard},
  {"03-rings", 360, 240, rings},
  {"04-stripes", 240, 360, stripes},
  {"05-noise", 256, 256, noise},
  {"06-night", 400, 225, night},
  {"07-carpet", 243, 243, carpet},
  {"08-triangle", 256, 128, triangle},
  {"09-mandelbrot", 360, 240, mandelbrot},
  {"10-hills", 480, 160, hills},
  {"11-weave", 96, 72, weave},
  {"12-lamps", 250, 333, lamps},
};

static int write_painting(const char* directory, const struct painting* what) {
  char path[4096];
  int length = snprintf(path, sizeof path, "%s/%s.ppm", directory, what->name);
  if (length < 0 || (size_t)length >= sizeof path) {
    fprintf(stderr, "make_images: the directory's name is too long\n");
    return 1;
  }
  FILE* file = fopen(path, "wb");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  fprintf(file, "P6\n# %s\n%d %d\n255\n", what->name, what->width,
          what->height);
  for (int32_t y = 0; y < what->height; ++y)
    for (int32_t x = 0; x < what->width; ++x) {
      struct pixel colour =
        what->paint((struct place){x, y, what->width, what->height});
      putc(colour.red, file);
      putc(colour.green, file);
      putc(colour.blue, file);
    }
  int failed = ferror(file);
  if (fclose(file) != 0 || failed) {
    perror(path);
    return 1;
  }
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "make_images: expected a directory\n"
                    "Usage: make_images DIRECTORY\n");
    return 2;
  }
  for (size_t i = 0; i < sizeof paintings / sizeof *paintings; ++i)
    if (write_painting(argv[1], &paintings[i]) != 0)
      return 1;
  return 0;
}
