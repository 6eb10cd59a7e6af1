// Reads a picture (binary PPM, P6, 8 bits a channel) from standard input and
// writes it to standard output, scaled down so that neither side is longer than
// SIDE. Smaller pictures stay as they are.
//
// Each new pixel is the mean of the area that it covers, by whole numbers
// alone: every machine gives the same bytes, so that replicas agree.
//
// Usage: thumbnail SIDE < picture.ppm > thumbnail.ppm
// Exit code: 0 done, 1 out of memory or cannot write, 2 wrong argument or
// picture.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { side_max = 16384, channels = 3, channel_max = 255 };

struct picture {
  uint32_t width;
  uint32_t height;
  uint8_t* pixels;
};

static void fail(const char* message) {
  fprintf(stderr, "thumbnail: %s\n", message);
  exit(2);
}

static uint8_t* allocate_pixels(uint32_t width, uint32_t height) {
  uint8_t* pixels = malloc((size_t)width * height * channels);
  if (pixels == NULL) {
    fprintf(stderr, "thumbnail: out of memory\n");
    exit(1);
  }
  return pixels;
}

static bool is_blank(int c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The next number of a header, 1..most, with exactly one blank after it.
// Comments reach from '#' to the end of their line.
static uint32_t read_number(const char* what, uint32_t most) {
  int c = getchar();
  while (is_blank(c) || c == '#') {
    if (c == '#')
      while (c != '\n' && c != EOF)
        c = getchar();
    else
      c = getchar();
  }
  bool any = false;
  uint32_t value = 0;
  for (; c >= '0' && c <= '9'; c = getchar()) {
    any = true;
    value = value * 10 + (uint32_t)(c - '0');
    if (value > most)
      break;
  }
  if (!any || value == 0 || value > most || !is_blank(c)) {
    fprintf(stderr,
            "thumbnail: the picture's %s is not a number from 1 to %" PRIu32
            "\n",
            what, most);
    exit(2);
  }
  return value;
}

static struct picture read_picture(void) {
  if (getchar() != 'P' || getchar() != '6')
    fail("the input is not a binary PPM picture: it does not begin with P6");
  struct picture image;
  image.width = read_number("width", side_max);
  image.height = read_number("height", side_max);
  if (read_number("brightest value", 65535) != channel_max)
    fail("the picture does not have 8 bits a channel");
  size_t bytes = (size_t)image.width * image.height * channels;
  image.pixels = allocate_pixels(image.width, image.height);
  if (fread(image.pixels, 1, bytes, stdin) != bytes)
    fail("the picture ends before its last pixel");
  if (getchar() != EOF)
    fail("bytes follow the picture's last pixel");
  return image;
}

// In units in which a source pixel is `to` wide and a scaled one `from`, both
// rows have the same length, and every overlap is a whole number.
static uint64_t overlap(uint64_t source, uint64_t scaled, uint64_t from,
                        uint64_t to) {
  uint64_t begin = source * to > scaled * from ? source * to : scaled * from;
  uint64_t source_end = (source + 1) * to;
  uint64_t scaled_end = (scaled + 1) * from;
  return (source_end < scaled_end ? source_end : scaled_end) - begin;
}

static void scale_pixel(const struct picture* source, struct picture* scaled,
                        uint32_t x, uint32_t y) {
  uint64_t from_width = source->width;
  uint64_t from_height = source->height;
  uint64_t first_x = x * from_width / scaled->width;
  uint64_t last_x = ((x + 1) * from_width - 1) / scaled->width;
  uint64_t first_y = y * from_height / scaled->height;
  uint64_t last_y = ((y + 1) * from_height - 1) / scaled->height;

  // At most 2^14 x 2^14 x 2^8 in all.
  uint64_t sums[channels] = {0};
  for (uint64_t j = first_y; j <= last_y; ++j) {
    uint64_t weight_y = overlap(j, y, from_height, scaled->height);
    const uint8_t* row = source->pixels + j * from_width * channels;
    for (uint64_t i = first_x; i <= last_x; ++i) {
      uint64_t weight = weight_y * overlap(i, x, from_width, scaled->width);
      for (int c = 0; c < channels; ++c)
        sums[c] += weight * row[i * channels + (uint64_t)c];
    }
  }
  uint64_t area = from_width * from_height;
  uint8_t* target = scaled->pixels + ((size_t)y * scaled->width + x) * channels;
  for (int c = 0; c < channels; ++c)
    target[c] = (uint8_t)((sums[c] + area / 2) / area);
}

// A side of the scaled picture, rounded; never nothing.
static uint32_t scaled_side(uint32_t side, uint32_t longest, uint32_t wanted) {
  if (longest <= wanted)
    return side;
  uint64_t rounded = ((uint64_t)side * wanted + longest / 2) / longest;
  return rounded == 0 ? 1 : (uint32_t)rounded;
}

static struct picture scale(const struct picture* source, uint32_t wanted) {
  uint32_t longest =
    source->width > source->height ? source->width : source->height;
  struct picture scaled;
  scaled.width = scaled_side(source->width, longest, wanted);
  scaled.height = scaled_side(source->height, longest, wanted);
  scaled.pixels = allocate_pixels(scaled.width, scaled.height);
  for (uint32_t y = 0; y < scaled.height; ++y)
    for (uint32_t x = 0; x < scaled.width; ++x)
      scale_pixel(source, &scaled, x, y);
  return scaled;
}

static uint32_t parse_side(const char* text) {
  uint32_t value = 0;
  size_t length = strlen(text);
  if (length == 0 || length > 5 || strspn(text, "0123456789") != length
      || sscanf(text, "%" SCNu32, &value) != 1 || value == 0
      || value > side_max) {
    fprintf(stderr, "thumbnail: SIDE is a number from 1 to %d, not %s\n",
            side_max, text);
    exit(2);
  }
  return value;
}

int main(int argc, char** argv) {
  if (argc != 2)
    fail("expected one argument\n"
         "Usage: thumbnail SIDE < picture.ppm > thumbnail.ppm");
  uint32_t side = parse_side(argv[1]);
  struct picture source = read_picture();
  struct picture scaled = scale(&source, side);
  printf("P6\n%" PRIu32 " %" PRIu32 "\n%d\n", scaled.width, scaled.height,
         channel_max);
  fwrite(scaled.pixels, channels, (size_t)scaled.width * scaled.height, stdout);
  free(source.pixels);
  free(scaled.pixels);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    perror("thumbnail: cannot write the picture");
    return 1;
  }
  return 0;
}
