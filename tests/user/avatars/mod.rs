//! Pictures of users: uploaded, seen by anybody, replaced and removed.

mod kept;
mod refused;
mod shown;

use crate::support::{Person, Reply};
use base64::{Engine, engine::general_purpose::STANDARD};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::Value;

const USERS: &str = "/apis/console/v1alpha1/users";
const ME: &str = "/apis/console/v1alpha1/users/-";

/// 16 x 8: red to the left, blue to the right; its EXIF says that it lies on its side.
const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDACAWGBwYFCAcGhwkIiAmMF\
    A0MCwsMGJGSjpQdGZ6eHJmcG6AkLicgIiuim5woNqirr7EztDOfJri8uDI8LjKzsb/2wBDASIkJDAqMF40NF7GhHCExsbGxsbGxsbGxsbGxsbGxsbGx\
    sbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsbGxsb/wAARCAAIABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAA\
    AAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABP/EABkRAAIDAQAAAAAAAAAAAAAAAABCBAWBwf/aAAwDAQACEQMRAD8AlSATXtnRc1dP/9k=";

fn jpeg() -> Vec<u8> {
    STANDARD.decode(JPEG).unwrap()
}

/// Red to the left, blue to the right, in this format.
fn picture(format: ImageFormat) -> Vec<u8> {
    let two = RgbImage::from_fn(16, 8, |x, _| Rgb(if x < 8 { [250, 20, 20] } else { [20, 20, 250] }));
    let mut bytes = std::io::Cursor::new(vec![]);
    DynamicImage::from(two).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// One part of a form, whose head is this.
fn part(head: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

/// The part a picture comes in.
fn file(kind: &str, bytes: &[u8]) -> Vec<u8> {
    part(
        &format!("name=\"file\"; filename=\"a.png\"\r\nContent-Type: {kind}"),
        bytes,
    )
}

/// Sends a form of these parts.
async fn send(who: &Person<'_>, path: &str, parts: &[Vec<u8>]) -> Reply {
    let body = [parts.concat().as_slice(), b"--XX--\r\n"].concat();
    let request = who
        .request(Method::POST, path)
        .header("content-type", "multipart/form-data; boundary=XX");
    who.send(request.body(body)).await
}

/// Sets one's own picture.
async fn set_own(who: &Person<'_>, kind: &str, bytes: &[u8]) -> Reply {
    send(who, &format!("{ME}/avatar"), &[file(kind, bytes)]).await
}

/// Where the picture of a user is, as a path below the tenant; none if there is none.
fn avatar(who: &Person<'_>, user: &Value) -> Option<String> {
    let address = user["spec"].get("avatar")?.as_str().unwrap();
    Some(address.strip_prefix(&who.tenant.base).unwrap().to_owned())
}
