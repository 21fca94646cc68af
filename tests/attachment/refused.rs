//! Files that are not taken: too long, too many, of another type than they say, or cut.

use super::{
    Place, decide, field, file, form, in_both, is_exact, kept, long_text, part, picture, place, room, seen, send,
    upload,
};
use crate::support::{CROWD, Person, TestApp, roles::CONSOLE};
use futures_util::{StreamExt, future::join_all, stream};
use image::ImageFormat;
use reqwest::{Body, Method};
use serde_json::json;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

in_both!(
    of_many_who_want_the_last_room_as_many_get_it_as_fit,
    a_file_is_as_long_as_it_is_and_not_as_it_says,
    an_upload_that_is_cut_leaves_nothing,
);

async fn of_many_who_want_the_last_room_as_many_get_it_as_fit(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let size = 200 << 10;
    // With what is around the file in a form.
    let room_for = |files: usize| files * (size + 200);
    decide(&owner, &json!({ "maxTotalBytes": room_for(10) })).await;
    let texts: Vec<_> = (0..CROWD).map(|n| format!("{n} {}", long_text(size - 3))).collect();
    let uploads = texts
        .iter()
        .map(|text| upload(&owner, "a.txt", "text/plain", text.as_bytes()));
    let answers = join_all(uploads).await;
    let mut taken = 0;
    for answer in answers {
        if answer.status == 200 {
            taken += 1;
            continue;
        }
        let problem = answer.expect_problem(409, "quota_exceeded");
        assert_eq!(problem["errors"][0]["detail"], room_for(10).to_string());
    }
    // Room that others gave back may be gone to nobody, but never is more taken than there is.
    assert!((1..=10).contains(&taken), "{taken}");
    is_exact(&app).await;
    assert_eq!(room(&app).await.1, [taken, 0, 0]);
    let one = upload(&owner, "b.txt", "text/plain", b"small").await;
    assert_eq!(one.status, 200, "{}", one.text);
}

/// Sends this as the body of an upload, in pieces and without a length.
async fn send_stream(who: &Person<'_>, pieces: Vec<Vec<u8>>) -> crate::support::Reply {
    let request = who
        .request(Method::POST, &format!("{CONSOLE}/attachments/upload"))
        .header("content-type", "multipart/form-data; boundary=XX");
    let body = Body::wrap_stream(stream::iter(pieces).map(Ok::<_, io::Error>));
    who.send(request.body(body)).await
}

async fn a_file_is_as_long_as_it_is_and_not_as_it_says(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let most = 6 << 20;
    decide(&owner, &json!({ "maxFileBytes": most })).await;
    let text = long_text(most + (70 << 10));
    upload(&owner, "a.txt", "text/plain", text.as_bytes())
        .await
        .expect_problem(413, "too_large");
    let pieces = |length: usize| {
        let whole = form(&[file("a.txt", "text/plain", &text.as_bytes()[..length])]);
        whole.chunks(100_000).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    send_stream(&owner, pieces(most + 1))
        .await
        .expect_problem(413, "too_large");
    is_exact(&app).await;
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
    send_stream(&owner, pieces(most)).await.expect(200);
    is_exact(&app).await;
    // Nothing that is long comes before the file, either.
    let long = vec![
        part("name=\"other\"", &vec![b'x'; 100_000]),
        file("a.txt", "text/plain", b"x"),
    ];
    send(&owner, &long).await.expect_problem(413, "too_large");
}

async fn an_upload_that_is_cut_leaves_nothing(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let whole = form(&[file("a.txt", "text/plain", long_text(6 << 20).as_bytes())]);
    let address = app.base.strip_prefix("http://").unwrap();
    for percent in (5..100).step_by(10) {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {CONSOLE}/attachments/upload HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: {}\r\n\r\n",
            owner.tokens["accessToken"].as_str().unwrap(),
            whole.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&whole[..whole.len() * percent / 100]).await.unwrap();
        // Nothing more comes; what the server says to that is not of interest, only that it is done with it.
        socket.shutdown().await.unwrap();
        let mut said = vec![];
        let _ = socket.read_to_end(&mut said).await;
    }
    // What is still to be given back, is when the sweep is done at the latest.
    app.advance(25 * 3600);
    app.work().await;
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
    assert_eq!(kept(&app).await, [""; 0]);
}

#[tokio::test]
async fn what_a_file_is_its_bytes_say() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let png = picture(ImageFormat::Png, 16, 8);
    for (name, kind, bytes, is) in [
        (
            "a.png",
            "image/png",
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..],
            "image/svg+xml",
        ),
        (
            "a.txt",
            "text/plain",
            &b"<!DOCTYPE html><script>alert(1)</script>"[..],
            "text/html",
        ),
        (
            "a.txt",
            "text/plain",
            &b"\xEF\xBB\xBF <?xml version='1.0'?><html/>"[..],
            "text/xml",
        ),
        (
            "a.png",
            "image/png",
            &b"MZ\x90\0\x03"[..],
            "application/vnd.microsoft.portable-executable",
        ),
        ("a.png", "image/png", &b"PK\x03\x04\x14\0\0\0"[..], "application/zip"),
        ("a.txt", "text/plain", &b"a\0b"[..], "application/octet-stream"),
        ("a.txt", "text/plain", &png[..], "image/png"),
        (
            "a.exe",
            "application/octet-stream",
            &b"\x7fELF\x02\x01\x01\0"[..],
            "application/octet-stream",
        ),
    ] {
        let problem = upload(&owner, name, kind, bytes)
            .await
            .expect_problem(415, "type_refused");
        assert_eq!(problem["errors"][0]["detail"], format!("is {is}"), "{name}");
    }
}

#[tokio::test]
async fn of_a_file_that_is_two_the_picture_is_left() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let png = picture(ImageFormat::Png, 16, 8);
    // The same as a picture and something else: only the picture is left.
    for tail in [
        &b"<script>alert(1)</script>"[..],
        &b"PK\x03\x04 a whole archive"[..],
        &b"%PDF-1.7 a document"[..],
    ] {
        let both = [png.as_slice(), tail].concat();
        let answer = upload(&owner, "a.png", "image/png", &both).await;
        if answer.status == 200 {
            let (_, _, bytes) = seen(&owner, &place(&owner, &answer.json()), &[]).await;
            assert!(!bytes.windows(tail.len()).any(|window| window == tail), "{tail:?}");
        } else {
            answer.expect_problem(400, "invalid");
        }
    }
    let cut = upload(&owner, "a.png", "image/png", &png[..40]).await;
    cut.expect_problem(400, "invalid");
    upload(&owner, "a.txt", "text/plain", b"")
        .await
        .expect_problem(400, "invalid");
    // Allowed or not, it is never shown in a page.
    decide(
        &owner,
        &json!({ "types": ["image/svg+xml", "image/png"], "redraw": false }),
    )
    .await;
    for (bytes, kind) in [(&b"<svg/>"[..], "image/svg+xml"), (&png[..], "image/png")] {
        let made = upload(&owner, "a", kind, bytes).await.expect(200);
        let (_, headers, same) = seen(&owner, &place(&owner, &made), &[]).await;
        assert!(
            headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment")
        );
        assert_eq!(same, bytes);
    }
    is_exact(&app).await;
}

#[tokio::test]
async fn a_name_is_only_a_name() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let long = "n".repeat(4096);
    for (given, shown) in [
        ("../../../etc/passwd", "passwd"),
        ("%2e%2e%2fx", "%2e%2e%2fx"),
        ("C:\\\\temp\\\\x.txt", "x.txt"),
        ("a\tb.txt", "ab.txt"),
        (long.as_str(), &long[..255]),
        ("\u{202e}txt.exe", "txt.exe"),
    ] {
        let made = upload(&owner, given, "text/plain", given.as_bytes()).await.expect(200);
        assert_eq!(made["spec"]["displayName"], shown);
    }
    let tenant = app.app.find_tenant("default").await.unwrap().unwrap().id;
    for key in kept(&app).await {
        assert!(key.starts_with(&format!("{tenant}/b/")), "{key}");
        assert!(
            key.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_/".contains(&byte)),
            "{key}"
        );
    }
    let nul = send(
        &owner,
        &[part(
            "name=\"file\"; filename=\"a\0b.txt\"\r\nContent-Type: text/plain",
            b"x",
        )],
    )
    .await;
    assert!(
        nul.status == 400 || nul.json()["spec"]["displayName"] == "ab.txt",
        "{}",
        nul.text
    );
}

#[tokio::test]
async fn a_form_is_taken_only_for_a_policy_and_a_group_that_there_are() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let text = || file("a.txt", "text/plain", b"hi");
    let nobody = "atg_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f";
    for (parts, status, code) in [
        (vec![field("policyName", "other"), text()], 404, "policy_not_found"),
        (vec![text(), field("policyName", "other")], 404, "policy_not_found"),
        (vec![field("groupName", nobody), text()], 404, "group_not_found"),
        (vec![text(), field("groupName", nobody)], 404, "group_not_found"),
        (vec![text(), field("groupName", "x")], 404, "group_not_found"),
        (vec![text(), text()], 400, "invalid"),
        (vec![field("policyName", "attachments")], 400, "invalid"),
        (vec![part("name=\"file\"", b"hi")], 400, "invalid"),
    ] {
        send(&owner, &parts).await.expect_problem(status, code);
        assert_eq!(room(&app).await.0, 0, "what came before was given back");
        app.work().await;
    }
    assert_eq!(room(&app).await, (0, [0, 0, 0]));
    assert_eq!(kept(&app).await, [""; 0]);
    let plain = owner.request(Method::POST, &format!("{CONSOLE}/attachments/upload"));
    owner
        .send(plain.body("x"))
        .await
        .expect_problem(415, "unsupported_media_type");
}
