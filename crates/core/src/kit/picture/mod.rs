//! Pictures people upload: unpacked within limits, shrunk, and written anew.

mod jpeg;
mod sound;

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
    error::LimitErrorKind,
    imageops,
    metadata::Orientation,
};
use std::io::Cursor;
use tokio::sync::Semaphore;

/// The longest side of a picture of a user, in pixels.
pub const SIDE: u32 = 512;

/// The longest side of what is taken, in pixels.
pub const MAX_SIDE: u32 = 4096;

/// For the pixels of one picture: enough for the largest with 16 bits a channel.
const MAX_MEMORY: usize = 128 << 20;

const NOT_ONE: &str = "is not a PNG, JPEG, GIF or WebP picture";
const DAMAGED: &str = "is damaged";
const TOO_MANY_PIXELS: &str = "may have at most 4096 pixels a side";
const TOO_MUCH_MEMORY: &str = "takes too much memory to unpack";

/// The formats that are taken, their media types, and the refusals of a file that claims another type.
const KINDS: [(ImageFormat, &str, &str); 4] = [
    (
        ImageFormat::Png,
        "image/png",
        "is image/png and says it is another type",
    ),
    (
        ImageFormat::Jpeg,
        "image/jpeg",
        "is image/jpeg and says it is another type",
    ),
    (
        ImageFormat::Gif,
        "image/gif",
        "is image/gif and says it is another type",
    ),
    (
        ImageFormat::WebP,
        "image/webp",
        "is image/webp and says it is another type",
    ),
];

/// A picture that was drawn anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its media type: `image/png` or `image/jpeg`.
    pub kind: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Quality of what comes as a photograph, of 100: no difference is seen.
const QUALITY: u8 = 90;

/// Does this when it is its turn, on a thread that answers no requests: unpacked, a picture takes tens of megabytes,
/// so two are drawn at a time.
pub async fn in_turn<T: Send + 'static>(draw: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    static TURNS: Semaphore = Semaphore::const_new(2);
    let _turn = TURNS.acquire().await?;
    Ok(tokio::task::spawn_blocking(draw).await?)
}

/// A picture in a PNG of at most [`SIDE`] pixels a side: upright, still, and without metadata.
///
/// What it is, the content says; `declared` may not say another type of picture. It takes up to
/// half a second of a core and a few hundred MiB: see [`in_turn`].
///
/// # Errors
/// Why not, to follow the word "file".
pub fn reencode(bytes: &[u8], declared: Option<&str>) -> Result<Vec<u8>, &'static str> {
    let (picture, _) = unpacked(bytes, declared, SIDE)?;
    png(&picture)
}

/// The same picture of at most so many pixels a side: what came as a photograph, with its losses, as JPEG, any other
/// as PNG.
///
/// # Errors
/// As [`reencode`].
pub fn redraw(bytes: &[u8], side: u32) -> Result<Drawn, &'static str> {
    let (picture, format) = unpacked(bytes, None, side)?;
    let is_photograph = matches!(format, ImageFormat::Jpeg | ImageFormat::WebP) && !picture.color().has_alpha();
    let (width, height) = (picture.width(), picture.height());
    let (bytes, kind) = match is_photograph {
        true => (jpeg(&picture)?, "image/jpeg"),
        false => (png(&picture)?, "image/png"),
    };
    Ok(Drawn {
        bytes,
        kind,
        width,
        height,
    })
}

/// A picture of 8 bits a channel and at most so many pixels a side, upright, and what it came as.
fn unpacked(bytes: &[u8], declared: Option<&str>, side: u32) -> Result<(DynamicImage, ImageFormat), &'static str> {
    let format = image::guess_format(bytes).map_err(|_| NOT_ONE)?;
    let (_, kind, mislabelled) = KINDS.iter().find(|kind| kind.0 == format).ok_or(NOT_ONE)?;
    if declared.is_some_and(|declared| contradicts(declared, kind)) {
        return Err(mislabelled);
    }
    let (picture, orientation) = match format {
        ImageFormat::Jpeg => jpeg::decode(bytes)?,
        ImageFormat::WebP => decode(sound::webp(bytes).ok_or(DAMAGED)?, format)?,
        ImageFormat::Png if !sound::png(bytes) => return Err(DAMAGED),
        _ => decode(bytes, format)?,
    };
    let mut picture = shrunk(picture, side);
    picture.apply_orientation(orientation);
    Ok((picture, format))
}

fn png(picture: &DynamicImage) -> Result<Vec<u8>, &'static str> {
    let mut png = vec![];
    let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive);
    picture.write_with_encoder(encoder).map_err(|_| DAMAGED)?;
    Ok(png)
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, &'static str> {
    let mut jpeg = vec![];
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, QUALITY);
    picture.write_with_encoder(encoder).map_err(|_| DAMAGED)?;
    Ok(jpeg)
}

fn contradicts(declared: &str, kind: &str) -> bool {
    let declared = declared.split(';').next().unwrap_or_default().trim();
    let declared = match declared.to_ascii_lowercase() {
        jpg if jpg == "image/jpg" => "image/jpeg".to_owned(),
        other => other,
    };
    declared.starts_with("image/") && declared != kind
}

/// Everything but JPEG; it is not turned yet.
fn decode(bytes: &[u8], format: ImageFormat) -> Result<(DynamicImage, Orientation), &'static str> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY as u64);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| why(&error))?;
    // As ImageReader::decode does it, which does not tell the orientation.
    limits.reserve(decoder.total_bytes()).map_err(|error| why(&error))?;
    decoder.set_limits(limits).map_err(|error| why(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| why(&error))?;
    Ok((picture, orientation))
}

fn why(error: &ImageError) -> &'static str {
    match error {
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::DimensionError => TOO_MANY_PIXELS,
        ImageError::Limits(_) => TOO_MUCH_MEMORY,
        _ => DAMAGED,
    }
}

/// The picture with 8 bits a channel and at most so many pixels a side.
fn shrunk(picture: DynamicImage, side: u32) -> DynamicImage {
    let fits = picture.width().max(picture.height()) <= side;
    let shrink = |picture: DynamicImage| picture.resize(side, side, imageops::FilterType::Triangle);
    if !picture.color().has_alpha() {
        let picture = DynamicImage::from(picture.into_rgb8());
        return if fits { picture } else { shrink(picture) };
    }
    let mut pixels = picture.into_rgba8();
    if fits {
        return pixels.into();
    }
    // Transparent pixels have a colour as well, which may not run into the visible ones beside them.
    for image::Rgba([r, g, b, a]) in pixels.pixels_mut() {
        [*r, *g, *b] = [*r, *g, *b].map(|channel| times(channel, *a));
    }
    let mut pixels = shrink(pixels.into()).into_rgba8();
    for image::Rgba([r, g, b, a]) in pixels.pixels_mut() {
        let full = u16::from(*a).max(1);
        [*r, *g, *b] = [*r, *g, *b].map(|channel| u8::try_from(u16::from(channel) * 255 / full).unwrap_or(u8::MAX));
    }
    pixels.into()
}

/// The product of two numbers of which 255 is the whole.
fn times(a: u8, b: u8) -> u8 {
    u8::try_from((u16::from(a) * u16::from(b) + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
