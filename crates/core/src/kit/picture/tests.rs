use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use image::{GrayImage, Rgb, RgbImage, Rgba, RgbaImage};

/// 16 x 8: red to the left, blue to the right; its EXIF says that it lies on its side.
const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDACAWGBwYFCAcGhwkIiAmMF\
    A0MCwsMGJGSjpQdGZ6eHJmcG6AkLicgIiuim5woNqirr7EztDOfJri8uDI8LjKzsb/2wBDASIkJDAqMF40NF7GhHCExsbGxsbGxsbGxsbGxsbGxsbGx\
    sbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsb/wAARCAAIABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAA\
    AAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EABkRAAIDAQAAAAAAAAAAAAAAAABCBAWBwf/aAAwDAQACEQMRAD8AlSATXtnRc1dP/9k=";
/// The same as a lossy WebP, upright.
const WEBP: &str = "UklGRjYAAABXRUJQVlA4ICoAAABwAQCdASoQAAgAB0CWJaACdAFAAAD+6Hfac2Wf4p6bzGf/ENlv6C4AAAA=";
/// The same as a WebP of two half transparent frames.
const ANIMATION: &str = "UklGRtwAAABXRUJQVlA4WAoAAAASAAAADwAABwAAQU5JTQYAAAAAAAAAAABBTk1GVAAAAAAAAAAAAA8AAAcAAAAAAAJBTFB\
    ICgAAAAEHUMCICERE/wNWUDggKgAAAFABAJ0BKhAACAAHQJYloAAEdAAA/ufP2nN/qr+hy5tV3//xDZb+guAAAEFOTUZUAAAAAAAAAAAADwAABwAAAAAA\
    AkFMUEgKAAAAAQdQwIgIRET/A1ZQOCAqAAAAUAEAnQEqEAAIAAdAliWgAAR0AAD+58/gc3//iHLm/xRpfuf9ydvWIAAA";

fn bytes(base64: &str) -> Vec<u8> {
    STANDARD.decode(base64).unwrap()
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn two_colours() -> RgbImage {
    RgbImage::from_fn(16, 8, |x, _| Rgb(if x < 8 { [250, 20, 20] } else { [20, 20, 250] }))
}

/// One of every format and kind of coding.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let clear = RgbaImage::from_fn(16, 8, |x, y| Rgba([250, 20, 20, u8::try_from(x * y).unwrap()]));
    vec![
        ("image/png", written(two_colours(), ImageFormat::Png)),
        ("image/png", written(clear.clone(), ImageFormat::Png)),
        (
            "image/png",
            written(GrayImage::from_pixel(9, 3, image::Luma([7])), ImageFormat::Png),
        ),
        ("image/gif", written(two_colours(), ImageFormat::Gif)),
        ("image/webp", written(two_colours(), ImageFormat::WebP)),
        ("image/webp", written(clear, ImageFormat::WebP)),
        ("image/webp", bytes(WEBP)),
        ("image/webp", bytes(ANIMATION)),
        ("image/jpeg", bytes(JPEG)),
    ]
}

/// The picture as a browser would see it, once it is sure that this is a PNG and nothing else.
fn seen(png: &[u8]) -> DynamicImage {
    let mut rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap();
    let mut kinds = vec![];
    while !rest.is_empty() {
        let length: usize = u32::from_be_bytes(*rest.first_chunk().unwrap()).try_into().unwrap();
        kinds.push(std::str::from_utf8(&rest[4..8]).unwrap());
        rest = &rest[12 + length..];
    }
    kinds.dedup();
    assert_eq!(kinds, ["IHDR", "IDAT", "IEND"]);
    let picture = image::load_from_memory_with_format(png, ImageFormat::Png).unwrap();
    assert!(picture.width().max(picture.height()) <= SIDE);
    picture
}

fn chunk(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_le_bytes();
    [kind, &length, body].concat()
}

#[test]
fn every_format_comes_out_as_a_png() {
    for (kind, sample) in samples() {
        for declared in [None, Some(kind), Some("application/octet-stream")] {
            seen(&reencode(&sample, declared).unwrap());
        }
    }
    for sample in [bytes(WEBP), written(two_colours(), ImageFormat::Gif)] {
        let picture = seen(&reencode(&sample, None).unwrap()).into_rgb8();
        assert_eq!(picture.dimensions(), (16, 8));
        assert!(picture.get_pixel(2, 2).0[0] > 150 && picture.get_pixel(14, 2).0[2] > 150);
    }
}

#[test]
fn a_large_picture_is_shrunk_in_its_ratio_and_a_small_one_left() {
    let size = |width, height| {
        let sample = written(GrayImage::new(width, height), ImageFormat::Png);
        let picture = seen(&reencode(&sample, None).unwrap());
        (picture.width(), picture.height())
    };
    assert_eq!(size(1024, 256), (512, 128));
    assert_eq!(size(513, 600), (438, 512));
    assert_eq!(size(4096, 1), (512, 1));
    assert_eq!(size(512, 512), (512, 512));
    assert_eq!(size(3, 2), (3, 2));
}

#[test]
fn a_picture_that_lies_on_its_side_is_turned() {
    let picture = seen(&reencode(&bytes(JPEG), None).unwrap()).into_rgb8();
    assert_eq!(picture.dimensions(), (8, 16));
    assert!(picture.get_pixel(4, 2).0[0] > 150 && picture.get_pixel(4, 14).0[2] > 150);
}

#[test]
fn the_colour_of_transparent_pixels_does_not_show_at_the_edges() {
    let white = RgbaImage::from_fn(
        1500,
        3,
        |x, _| if x / 7 % 2 == 0 { Rgba([255; 4]) } else { Rgba([0; 4]) },
    );
    let sample = written(white, ImageFormat::Png);
    let picture = seen(&reencode(&sample, None).unwrap()).into_rgba8();
    let mut visible = picture.pixels().filter(|pixel| pixel.0[3] > 0);
    assert!(visible.all(|pixel| pixel.0[0] >= 250));
}

#[test]
fn what_was_cut_off_is_damaged() {
    for (kind, sample) in samples() {
        for part in [1, 2, 3] {
            let refused = reencode(&sample[..sample.len() * part / 4], None).unwrap_err();
            assert!([DAMAGED, NOT_ONE].contains(&refused), "{kind}: {refused}");
        }
    }
}

#[test]
fn what_is_not_one_of_the_four_formats_is_refused() {
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let html = "<!doctype html><script>alert(1)</script>";
    for other in [
        "",
        "\u{89}PNG",
        svg,
        html,
        "BM\0\0",
        "II*\0",
        "%PDF-1.7",
        "P6 1 1 255 abc",
        "qoif",
    ] {
        for declared in [None, Some("image/svg+xml"), Some("image/png")] {
            assert_eq!(reencode(other.as_bytes(), declared), Err(NOT_ONE), "{other}");
        }
    }
}

#[test]
fn a_tail_that_is_something_else_does_not_come_out() {
    for (_, sample) in samples() {
        for tail in [
            &b"<script>alert(1)</script>"[..],
            b"PK\x03\x04\x14\0\0\0",
            b"EXIF\xF0\xFF\xFF\xFF",
        ] {
            let png = reencode(&[&sample, tail].concat(), None).unwrap();
            assert_eq!(png, reencode(&sample, None).unwrap());
            seen(&png);
        }
    }
}

#[test]
fn a_label_that_contradicts_the_content_is_refused() {
    for (kind, sample) in samples() {
        for declared in ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"] {
            let refused = format!("is {kind} and says it is another type");
            let expected = if declared == kind { None } else { Some(refused) };
            let found = reencode(&sample, Some(declared)).err().map(str::to_owned);
            assert_eq!(found, expected, "{declared}");
        }
    }
    for same in ["image/jpg", "IMAGE/JPEG; charset=binary", "", "text/plain"] {
        assert!(reencode(&bytes(JPEG), Some(same)).is_ok(), "{same}");
    }
}

#[test]
fn a_side_of_4097_pixels_is_refused() {
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        for (width, height) in [(4097, 1), (1, 4097)] {
            let sample = written(RgbImage::new(width, height), format);
            assert_eq!(reencode(&sample, None), Err(TOO_MANY_PIXELS), "{format:?}");
        }
        assert!(reencode(&written(RgbImage::new(1, 4096), format), None).is_ok());
    }
    let mut jpeg = bytes(JPEG);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x10, 0x01, 0, 16]);
    assert_eq!(reencode(&jpeg, None), Err(TOO_MANY_PIXELS));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let begun = std::time::Instant::now();
    let header = b"\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0\x80\xd2\x75\x42";
    let png = [b"\x89PNG\r\n\x1a\n", &header[..]].concat();
    assert_eq!(reencode(&png, None), Err("may have at most 4096 pixels a side"));

    let jpeg = bytes(JPEG);
    let scan = jpeg.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    let many = [&jpeg[..scan], &jpeg[scan..jpeg.len() - 2].repeat(1000)].concat();
    assert_eq!(reencode(&many, None), Err(DAMAGED));
    assert!(begun.elapsed().as_secs() < 5);
}

#[test]
fn what_the_decoders_stumble_over_does_not_reach_them() {
    let mut png = written(two_colours(), ImageFormat::Png);
    png.splice(33..33, *b"\0\0\0\x01PLTE\x07\x42\x42\x42\x42");
    assert_eq!(reencode(&png, None), Err(DAMAGED));

    let canvas = chunk(b"VP8X", &[8, 0, 0, 0, 15, 0, 0, 7, 0, 0]);
    let webp = |chunks: &[&[u8]]| chunk(b"RIFF", &[&b"WEBP"[..], &canvas, &chunks.concat()].concat());
    let frame = bytes(WEBP).split_off(12);
    assert!(reencode(&webp(&[&frame, &chunk(b"EXIF", b"MM")]), None).is_ok());
    assert_eq!(reencode(&webp(&[&frame, b"EXIF\xF0\xFF\xFF\xFF"]), None), Err(DAMAGED));
    let mut large = frame;
    large[15] = 0x3F;
    assert_eq!(reencode(&webp(&[&large, &chunk(b"EXIF", b"MM")]), None), Err(DAMAGED));

    // A place that is smaller than its frame, transparency of what is no frame, and a larger frame.
    for (at, byte) in [(0x3A, 7), (0x56, b'^'), (0x64, 24)] {
        let mut animation = bytes(ANIMATION);
        animation[at] = byte;
        assert_eq!(reencode(&animation, None), Err(DAMAGED), "{at:#x}");
    }
}

#[test]
fn ten_thousand_mutants_come_out_as_a_png_or_not_at_all() {
    let samples = samples();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % below
    };
    let mut taken = 0;
    for round in 0..10_000 {
        let mut mutant = samples[round % samples.len()].1.clone();
        for _ in 0..=random(5) {
            let at = random(mutant.len());
            mutant[at] ^= u8::try_from(1 + random(255)).unwrap();
        }
        if random(8) == 0 {
            mutant.truncate(1 + random(mutant.len()));
        }
        if let Ok(png) = reencode(&mutant, None) {
            seen(&png);
            taken += 1;
        }
    }
    assert!(taken > 500, "{taken}");
}

#[test]
fn a_picture_that_is_kept_has_its_size_and_is_a_photograph_or_not() {
    let large = RgbImage::from_pixel(900, 300, Rgb([7, 7, 7]));
    let clear = RgbaImage::from_pixel(4, 2, Rgba([250, 20, 20, 7]));
    for (sample, side, kind, size) in [
        (
            written(large.clone(), ImageFormat::Png),
            MAX_SIDE,
            "image/png",
            (900, 300),
        ),
        (written(large, ImageFormat::Png), 400, "image/png", (400, 133)),
        (bytes(JPEG), MAX_SIDE, "image/jpeg", (8, 16)),
        (bytes(WEBP), MAX_SIDE, "image/jpeg", (16, 8)),
        (written(clear, ImageFormat::WebP), MAX_SIDE, "image/png", (4, 2)),
        (written(two_colours(), ImageFormat::Gif), MAX_SIDE, "image/png", (16, 8)),
    ] {
        let drawn = redraw(&sample, side).unwrap();
        assert_eq!((drawn.kind, (drawn.width, drawn.height)), (kind, size));
        // It can be drawn once more, and has nothing of the old file.
        assert_eq!(redraw(&drawn.bytes, MAX_SIDE).unwrap().kind, kind);
        assert!(!drawn.bytes.windows(4).any(|word| word == b"Exif"));
    }
    assert!(redraw(b"GIF89a", MAX_SIDE).is_err());
}
