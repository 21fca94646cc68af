//! Files as browsers and others get them.

use super::{Place, in_both, long_text, patch, path, picture, place, seen, upload, upload_text};
use crate::support::{Person, TestApp};
use image::ImageFormat;
use serde_json::{Value, json};

in_both!(
    a_part_of_a_file_is_given_as_it_is_asked_for,
    a_picture_is_drawn_anew_and_smaller,
);

async fn a_part_of_a_file_is_given_as_it_is_asked_for(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let text = long_text((6 << 20) + 3);
    let (whole, length) = (text.as_bytes(), text.len());
    let made = upload(&owner, "a.txt", "text/plain", whole).await.expect(200);
    let at = place(&owner, &made);
    let tag = format!("\"{}\"", made["status"]["sha256"].as_str().unwrap());
    for (asked, part) in [
        ("bytes=0-0", Some(0..1)),
        ("bytes=100-199", Some(100..200)),
        ("bytes=5242879-5242880", Some(5_242_879..5_242_881)),
        ("bytes=-5", Some(length - 5..length)),
        ("bytes=6291456-", Some(6_291_456..length)),
        ("bytes=1-999999999999999999999", Some(1..length)),
        ("bytes=0-1,3-4", None),
        ("bytes=b-a", None),
        ("chapters=1-2", None),
    ] {
        let (status, headers, bytes) = seen(&owner, &at, &[("range", asked)]).await;
        let Some(part) = part else {
            assert_eq!((status, bytes.len()), (200, length), "{asked}");
            continue;
        };
        assert_eq!(status, 206, "{asked}");
        assert!(bytes == whole[part.clone()], "{asked}");
        let said = format!("bytes {}-{}/{length}", part.start, part.end - 1);
        assert_eq!(headers["content-range"], said.as_str());
        assert_eq!(headers["content-length"], part.len().to_string().as_str());
        assert_eq!(headers["etag"], tag.as_str());
    }
    for asked in [format!("bytes={length}-"), "bytes=-0".to_owned()] {
        let (status, headers, _) = seen(&owner, &at, &[("range", &asked)]).await;
        assert_eq!(status, 416, "{asked}");
        assert_eq!(headers["content-range"], format!("bytes */{length}").as_str());
    }
    for (known, status) in [
        (tag.as_str(), 206),
        ("\"other\"", 200),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 200),
    ] {
        let asked = [("range", "bytes=0-0"), ("if-range", known)];
        assert_eq!(seen(&owner, &at, &asked).await.0, status, "{known}");
    }
    let has = [("range", "bytes=0-0"), ("if-none-match", tag.as_str())];
    assert_eq!(seen(&owner, &at, &has).await.0, 304);
}

async fn a_picture_is_drawn_anew_and_smaller(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let made = upload(&owner, "a.png", "image/png", &picture(ImageFormat::Png, 1300, 650))
        .await
        .expect(200);
    assert_eq!(
        (&made["status"]["width"], &made["status"]["height"]),
        (&json!(1300), &json!(650))
    );
    for (size, side) in [("S", 400), ("M", 800), ("L", 1200)] {
        let address = made["status"]["thumbnails"][size].as_str().unwrap();
        let at = address.strip_prefix(&owner.tenant.base).unwrap();
        // Also when it was drawn before.
        for _ in 0..2 {
            let (status, headers, bytes) = seen(&owner, at, &[]).await;
            assert_eq!(status, 200, "{size}");
            assert_eq!(headers["content-type"], "image/png");
            assert!(headers["content-disposition"].to_str().unwrap().starts_with("inline"));
            assert_eq!(image::load_from_memory(&bytes).unwrap().width(), side);
        }
    }
    let small = upload(&owner, "b.png", "image/png", &picture(ImageFormat::Png, 20, 10))
        .await
        .expect(200);
    let at = format!("{}?size=S", place(&owner, &small));
    assert_eq!(
        image::load_from_memory(&seen(&owner, &at, &[]).await.2)
            .unwrap()
            .width(),
        20
    );
}

/// What a browser may do with a file.
async fn handling(who: &Person<'_>, file: &Value) -> [String; 6] {
    let (status, headers, _) = seen(who, &place(who, file), &[]).await;
    assert_eq!(status, 200);
    [
        "content-type",
        "content-disposition",
        "content-security-policy",
        "x-content-type-options",
        "cross-origin-resource-policy",
        "cache-control",
    ]
    .map(|name| headers[name].to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_browser_runs_nothing_of_a_file() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let text = upload(&owner, "\u{e4} b.txt", "text/plain", b"hi <b>you</b>")
        .await
        .expect(200);
    let closed = "default-src 'none'; sandbox";
    let saved = "attachment; filename=\"_ b.txt\"; filename*=UTF-8''%C3%A4%20b.txt";
    assert_eq!(
        handling(&owner, &text).await,
        [
            "text/plain; charset=utf-8",
            saved,
            closed,
            "nosniff",
            "same-site",
            "no-store"
        ]
    );
    let shown = upload(&owner, "a.png", "image/png", &picture(ImageFormat::Png, 4, 2))
        .await
        .expect(200);
    let public = patch(&owner, &shown, &json!({ "spec": { "visibility": "public" } }))
        .await
        .expect(200);
    let anybody = owner.tenant.anybody();
    assert_eq!(
        handling(&anybody, &public).await,
        [
            "image/png",
            "inline; filename=\"a.png\"",
            closed,
            "nosniff",
            "cross-origin",
            "public, max-age=31536000, immutable"
        ]
    );
}

#[tokio::test]
async fn a_public_file_is_found_by_its_hash_as_long_as_it_is_public() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let anybody = owner.tenant.anybody();
    let made = upload_text(&owner, "one").await;
    let by_hash = format!("/files/{}/anything", made["status"]["sha256"].as_str().unwrap());
    assert_eq!(seen(&anybody, &by_hash, &[]).await.0, 404);
    patch(&owner, &made, &json!({ "spec": { "visibility": "public" } }))
        .await
        .expect(200);
    let (status, headers, bytes) = seen(&anybody, &by_hash, &[]).await;
    assert_eq!((status, bytes.as_slice()), (200, &b"one"[..]));
    let tag = headers["etag"].to_str().unwrap();
    assert_eq!(seen(&anybody, &by_hash, &[("if-none-match", tag)]).await.0, 304);
    assert_eq!(seen(&anybody, &by_hash, &[("range", "bytes=1-")]).await.2, b"ne");
    let absent = format!("/files/{}/anything", "0".repeat(64));
    assert_eq!(seen(&anybody, &absent, &[]).await.0, 404);
    // In another tenant the hash is of nothing.
    let other = app.tenant("other").await.anybody();
    assert_eq!(seen(&other, &by_hash, &[]).await.0, 404);
    patch(&owner, &made, &json!({ "spec": { "visibility": "private" } }))
        .await
        .expect(200);
    assert_eq!(seen(&anybody, &by_hash, &[]).await.0, 404);
    owner.get(&path(&made)).await.expect(200);
}
