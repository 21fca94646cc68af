//! JPEG, by a decoder that has no unsafe code and does not panic.
//!
//! The one `image` brings (zune-jpeg 0.5.15) panics on pictures with odd sampling factors.

use super::{DAMAGED, MAX_MEMORY, MAX_SIDE, TOO_MANY_PIXELS};
use image::{DynamicImage, GrayImage, RgbImage, metadata::Orientation};
use jpeg_decoder::{Decoder, PixelFormat};

/// No encoder writes more; each costs a few bytes of the file, and goes over all of the picture.
const MAX_SCANS: usize = 100;

/// Decodes a JPEG; it is not turned yet.
pub(super) fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), &'static str> {
    if bytes.windows(2).filter(|marker| marker == &[0xFF, 0xDA]).count() > MAX_SCANS {
        return Err(DAMAGED);
    }
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(MAX_MEMORY);
    decoder.read_info().map_err(|_| DAMAGED)?;
    let info = decoder.info().ok_or(DAMAGED)?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(TOO_MANY_PIXELS);
    }
    let pixels = decoder.decode().map_err(|_| DAMAGED)?;
    let picture = match info.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        PixelFormat::CMYK32 => RgbImage::from_raw(width, height, rgb(&pixels)).map(DynamicImage::from),
        PixelFormat::L16 => None,
    };
    let orientation = decoder.exif_data().and_then(Orientation::from_exif_chunk);
    Ok((
        picture.ok_or(DAMAGED)?,
        orientation.unwrap_or(Orientation::NoTransforms),
    ))
}

/// Pixels of screens from those of printers, near enough without a profile.
fn rgb(cmyk: &[u8]) -> Vec<u8> {
    let pixels = cmyk.as_chunks::<4>().0.iter();
    pixels
        .flat_map(|&[c, m, y, k]| [c, m, y].map(|ink| super::times(u8::MAX - ink, u8::MAX - k)))
        .collect()
}
