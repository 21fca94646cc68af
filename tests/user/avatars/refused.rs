//! What is no picture, or none that is taken.

use super::{ME, avatar, file, jpeg, part, picture, send, set_own};
use crate::support::{Person, Reply, TestApp};
use image::ImageFormat;
use reqwest::Method;
use serde_json::Value;

/// Somebody who has a picture, and where it is.
struct Sitter<'a> {
    who: Person<'a>,
    path: String,
    version: Value,
}

impl<'a> Sitter<'a> {
    async fn of(app: &'a TestApp) -> Self {
        let who = app.default_tenant().owner().await;
        let me = set_own(&who, "image/png", &picture(ImageFormat::Png)).await.expect(200);
        Self {
            path: avatar(&who, &me).unwrap(),
            version: me["metadata"]["version"].clone(),
            who,
        }
    }

    /// Checks that the picture, and everything else of them, is as it was.
    async fn is_as_before(&self, row: &str) {
        let me = self.who.get(ME).await.expect(200)["user"].take();
        assert_eq!(avatar(&self.who, &me).as_ref(), Some(&self.path), "{row}");
        assert_eq!(me["metadata"]["version"], self.version, "{row}");
        assert_eq!(self.who.get(&self.path).await.status, 200, "{row}");
    }
}

/// What is said of the field `file`.
#[track_caller]
fn said(row: &str, reply: Reply) -> String {
    assert_eq!(reply.status, 400, "{row}: {}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{row}");
    let body = reply.expect_problem(400, "invalid");
    assert_eq!(body["errors"][0]["field"], "file", "{row}: {body}");
    body["errors"][0]["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_refused_and_the_old_one_stays() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (row, bytes) in [
        ("SVG", svg.as_bytes().to_vec()),
        ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec()),
        (
            "a script with a tail",
            [b"alert(1)//".as_slice(), &picture(ImageFormat::Png)].concat(),
        ),
        ("PDF", b"%PDF-1.7".to_vec()),
        ("ZIP", b"PK\x03\x04\x14\0\0\0".to_vec()),
        ("BMP", b"BM\0\0\0\0\0\0\0\0".to_vec()),
        ("TIFF", b"II*\0\x08\0\0\0".to_vec()),
        ("one byte", b"x".to_vec()),
    ] {
        for kind in ["image/png", "image/svg+xml", "text/html"] {
            let detail = said(row, set_own(&sitter.who, kind, &bytes).await);
            assert_eq!(detail, "is not a PNG, JPEG, GIF or WebP picture", "{row} as {kind}");
        }
        sitter.is_as_before(row).await;
    }
}

#[tokio::test]
async fn a_damaged_picture_is_refused_and_the_old_one_stays() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    for (kind, whole) in [
        ("image/png", picture(ImageFormat::Png)),
        ("image/gif", picture(ImageFormat::Gif)),
        ("image/webp", picture(ImageFormat::WebP)),
        ("image/jpeg", jpeg()),
    ] {
        for quarter in [1, 2, 3] {
            let cut = &whole[..whole.len() * quarter / 4];
            let detail = said(kind, set_own(&sitter.who, kind, cut).await);
            assert_eq!(detail, "is damaged", "{kind} cut to {quarter} quarters");
        }
        sitter.is_as_before(kind).await;
    }
    // A GIF by its first bytes, a script by the rest: `/*` is its width, 10799.
    let polyglot = b"GIF89a/*\x01\0\0\0\0*/=1;alert(1)";
    let detail = said("GIF and script", set_own(&sitter.who, "image/gif", polyglot).await);
    assert_eq!(detail, "may have at most 4096 pixels a side");
    sitter.is_as_before("GIF and script").await;
}

#[tokio::test]
async fn a_picture_that_says_it_is_another_type_is_refused() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    for (kind, bytes) in [
        ("image/png", picture(ImageFormat::Png)),
        ("image/gif", picture(ImageFormat::Gif)),
        ("image/webp", picture(ImageFormat::WebP)),
        ("image/jpeg", jpeg()),
    ] {
        for declared in ["image/png", "image/gif", "image/webp", "image/jpeg", "image/svg+xml"] {
            if declared != kind {
                let detail = said(kind, set_own(&sitter.who, declared, &bytes).await);
                assert_eq!(detail, format!("is {kind} and says it is another type"), "{declared}");
            }
        }
        sitter.is_as_before(kind).await;
    }
    let right = set_own(&sitter.who, "image/jpg", &jpeg()).await;
    assert_ne!(
        avatar(&sitter.who, &right.expect(200)).unwrap(),
        sitter.path,
        "the control"
    );
}

#[tokio::test]
async fn a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    let header = b"\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x06\0\0\0\x80\xd2\x75\x42";
    let bomb = [b"\x89PNG\r\n\x1a\n", &header[..]].concat();
    let mut wide = std::io::Cursor::new(vec![]);
    image::GrayImage::new(4097, 1)
        .write_to(&mut wide, ImageFormat::Png)
        .unwrap();
    for (row, bytes) in [("60000 x 60000", bomb), ("4097 x 1", wide.into_inner())] {
        let detail = said(row, set_own(&sitter.who, "image/png", &bytes).await);
        assert_eq!(detail, "may have at most 4096 pixels a side", "{row}");
        sitter.is_as_before(row).await;
    }
    let mut widest = std::io::Cursor::new(vec![]);
    image::GrayImage::new(4096, 1)
        .write_to(&mut widest, ImageFormat::Png)
        .unwrap();
    set_own(&sitter.who, "image/png", widest.get_ref()).await.expect(200);
}

#[tokio::test]
async fn a_file_over_two_mebibytes_is_refused() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    let padded = |length: usize| {
        let mut bytes = picture(ImageFormat::Png);
        bytes.resize(length, 0);
        bytes
    };
    for length in [(2 << 20) + 1, 3 << 20, 8 << 20] {
        let reply = set_own(&sitter.who, "image/png", &padded(length)).await;
        reply.expect_problem(413, "too_large");
        sitter.is_as_before("too large").await;
    }
    // In chunks, no length is announced.
    let form = [file("image/png", &padded(3 << 20)), b"--XX--\r\n".to_vec()].concat();
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> = form.chunks(1 << 16).map(|piece| Ok(piece.to_vec())).collect();
    let request = sitter.who.request(Method::POST, &format!("{ME}/avatar"));
    let request = request
        .header("content-type", "multipart/form-data; boundary=XX")
        .body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)));
    sitter.who.send(request).await.expect_problem(413, "too_large");
    sitter.is_as_before("too large in chunks").await;

    set_own(&sitter.who, "image/png", &padded(2 << 20)).await.expect(200);
}

#[tokio::test]
async fn a_form_without_one_named_file_is_refused_with_a_reason() {
    let app = TestApp::start().await;
    let sitter = Sitter::of(&app).await;
    let path = format!("{ME}/avatar");
    let png = picture(ImageFormat::Png);
    let right = file("image/png", &png);
    for (row, parts, expected) in [
        ("no part", vec![], "is required"),
        (
            "another name",
            vec![part("name=\"avatar\"; filename=\"a.png\"", &png)],
            "is required",
        ),
        (
            "no file name",
            vec![part("name=\"file\"", &png)],
            "must be a file that has a name",
        ),
        ("nothing in it", vec![file("image/png", b"")], "must not be empty"),
        (
            "two of them",
            vec![right.clone(), right.clone()],
            "may be sent only once",
        ),
    ] {
        let detail = said(row, send(&sitter.who, &path, &parts).await);
        assert_eq!(detail, expected, "{row}");
        sitter.is_as_before(row).await;
    }
    let body = [right.as_slice(), b"--XX--\r\n"].concat();
    for (kind, status, code) in [
        (None, 415, "unsupported_media_type"),
        (Some("application/json"), 415, "unsupported_media_type"),
        (Some("image/png"), 415, "unsupported_media_type"),
        (Some("multipart/mixed; boundary=XX"), 415, "unsupported_media_type"),
        (Some("multipart/form-data"), 400, "malformed"),
        (Some("multipart/form-data; boundary=YY"), 400, "malformed"),
    ] {
        let mut request = sitter.who.request(Method::POST, &path);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        sitter
            .who
            .send(request.body(body.clone()))
            .await
            .expect_problem(status, code);
        sitter.is_as_before(code).await;
    }
    let besides = [part("name=\"policy\"", b"default"), right];
    send(&sitter.who, &path, &besides).await.expect(200);
}
