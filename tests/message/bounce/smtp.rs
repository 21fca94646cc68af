//! Bounces that mail systems bring by SMTP.

use super::{DOMAIN, MESSAGES, SENDERS, UNDELIVERABLE, newest, return_path, send, start, state, undeliverable};
use crate::support::{
    bounce::{bring, complaint, dsn, foreign, listen},
    relay::{Relay, header},
    roles::{CONSOLE, make_person},
};
use serde_json::{Value, json};
use std::fmt::Write;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

#[tokio::test]
async fn mail_that_comes_back_for_good_is_known_and_its_address_gets_no_other() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let back = send(&tenant, &relay, "ada@example.com").await;
    assert!(back.ends_with(&format!("@{DOMAIN}")), "{back}");
    assert!(!back.contains("ada"), "no address in clear");
    assert_eq!(state(&owner).await, ("sent".to_owned(), Value::Null));

    let report = dsn("failed", "5.1.1", "550 5.1.1 no such user");
    assert_eq!(bring(port, &back.to_uppercase(), &report).await, "250 250 354 250");
    let (now, bounce) = state(&owner).await;
    assert_eq!(now, "bounced");
    assert_eq!(bounce["kind"], "bounce");
    assert_eq!(bounce["status"], "5.1.1");
    assert_eq!(bounce["diagnostic"], "550 5.1.1 no such user");
    let list = undeliverable(&owner).await;
    assert_eq!(list[0]["metadata"]["name"], "ada@example.com");
    assert_eq!(list[0]["status"]["reason"], "bounced");
    assert_eq!(list[0]["status"]["message"], newest(&owner).await["metadata"]["name"]);

    // It is nobody's act, and in the trail with what it changed.
    let path = format!("{CONSOLE}/audit-events?action=bounces:create");
    let events = owner.get(&path).await.expect(200);
    assert_eq!(events["total"], 1, "{events}");
    assert!(events["items"][0].to_string().contains("bounced"), "{events}");

    // Once more changes nothing, and what is known fails at once.
    app.advance(61);
    assert_eq!(bring(port, &back, &report).await, "250 250 354 250");
    assert_eq!(owner.get(&path).await.expect(200)["total"], 1);
    let asked = relay.count("RCPT");
    send(&tenant, &relay, "ada@example.com").await;
    assert_eq!(relay.count("RCPT"), asked);
    assert_eq!(state(&owner).await.0, "failed");

    // Removed from the list, the old report does not bring it back.
    owner
        .delete(&format!("{UNDELIVERABLE}/ada@example.com"))
        .await
        .expect(204);
    assert_eq!(bring(port, &back, &report).await, "250 250 354 250");
    assert!(undeliverable(&owner).await.is_empty());
}

#[tokio::test]
async fn only_addresses_that_this_server_made_get_mail() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let back = send(&tenant, &relay, "ada@example.com").await;
    let (local, _) = back.split_once('@').unwrap();
    let report = dsn("failed", "5.1.1", "550 no");
    let last = if local.ends_with('a') { "b" } else { "a" };
    let forged = format!("{}{last}@{DOMAIN}", &local[..local.len() - 1]);
    for stranger in [
        forged.as_str(),
        "postmaster@bounces.example",
        "b-@bounces.example",
        "ada@example.com",
        "",
    ] {
        assert_eq!(bring(port, stranger, &report).await, "250 550", "{stranger}");
    }
    // Made by this server, of a tenant that there is not: taken, and nothing comes of it.
    let of_none = format!("{}@{DOMAIN}", foreign(&app, local));
    assert_eq!(bring(port, &of_none, &report).await, "250 250 354 250");
    assert_eq!(state(&owner).await.0, "sent");
    assert!(undeliverable(&owner).await.is_empty());
}

#[tokio::test]
async fn a_report_changes_the_message_of_its_own_tenant_alone() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let (a, b) = (app.tenant("a").await, app.tenant("b").await);
    let of_a = send(&a, &relay, "ada@example.com").await;
    let of_b = send(&b, &relay, "ada@example.com").await;
    assert_ne!(of_a, of_b);
    bring(port, &of_b, &dsn("failed", "5.1.1", "550 no")).await;
    let (owner_a, owner_b) = (a.owner().await, b.owner().await);
    assert_eq!(state(&owner_a).await.0, "sent");
    assert!(undeliverable(&owner_a).await.is_empty());
    assert_eq!(state(&owner_b).await.0, "bounced");
    assert_eq!(undeliverable(&owner_b).await.len(), 1);
}

#[tokio::test]
async fn what_is_full_or_away_is_tried_again_until_five_did_not_arrive() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    let late = dsn("delayed", "4.4.7", "451 4.4.7 later");
    for number in 1..=5 {
        assert!(undeliverable(&tenant.owner().await).await.is_empty(), "{number}");
        let back = send(&tenant, &relay, "ada@example.com").await;
        // A report of one message counts once, however often it comes.
        for _ in 0..2 {
            assert_eq!(bring(port, &back, &late).await, "250 250 354 250");
        }
        let (now, bounce) = state(&tenant.owner().await).await;
        assert_eq!((now.as_str(), &bounce["kind"]), ("sent", &json!("delay")));
        app.advance(3601);
    }
    let list = undeliverable(&tenant.owner().await).await;
    assert_eq!(list[0]["status"]["reason"], "unavailable");
    app.advance(7 * 24 * 3600);
    assert!(undeliverable(&tenant.owner().await).await.is_empty());
    let back = send(&tenant, &relay, "ada@example.com").await;
    // It ended, and for a reason that passes.
    bring(port, &back, &dsn("failed", "4.4.7", "expired")).await;
    assert_eq!(state(&tenant.owner().await).await.0, "bounced");
    assert!(undeliverable(&tenant.owner().await).await.is_empty());
    // A mailbox that is full has an owner.
    app.advance(3601);
    let back = send(&tenant, &relay, "ada@example.com").await;
    bring(port, &back, &dsn("failed", "5.2.2", "552 5.2.2 full")).await;
    assert_eq!(state(&tenant.owner().await).await.0, "bounced");
    assert!(undeliverable(&tenant.owner().await).await.is_empty());
}

#[tokio::test]
async fn who_complains_gets_only_what_they_ask_for() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    tenant.sign_up("ada").await;
    app.work().await;
    let owner = tenant.owner().await;
    let back = return_path(&relay);
    assert_eq!(bring(port, &back, &complaint("not-spam")).await, "250 250 354 250");
    assert_eq!(state(&owner).await.0, "sent");
    assert_eq!(bring(port, &back, &complaint("abuse")).await, "250 250 354 250");
    let (now, bounce) = state(&owner).await;
    assert_eq!((now.as_str(), &bounce["diagnostic"]), ("complained", &json!("abuse")));
    let list = undeliverable(&owner).await;
    assert_eq!(list[0]["status"]["reason"], "complained");

    let taken = relay.taken().len();
    let invite = json!({ "spec": { "email": "ada@example.com" } });
    app.advance(61);
    owner.post(&format!("{CONSOLE}/invitations"), &invite).await.expect(200);
    app.work().await;
    let message = newest(&owner).await;
    assert_eq!(message["status"]["state"], "dropped");
    let path = format!("{MESSAGES}/{}", message["metadata"]["name"].as_str().unwrap());
    assert_eq!(
        owner.get(&path).await.expect(200)["status"]["log"][0]["step"],
        "complained"
    );
    assert_eq!(relay.taken().len(), taken);
    send(&tenant, &relay, "ada@example.com").await;
    assert_eq!(relay.taken().len(), taken + 1, "a code that is asked for goes on");
    // What somebody is told of an address is told to administrators alone.
    let person = make_person(&owner, "bob", "user").await;
    person.get(UNDELIVERABLE).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn mail_by_a_tenants_own_relay_comes_back_to_the_domain_it_names() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let spec = |domain: &str| {
        json!({ "metadata": { "name": "own" }, "spec": {
            "displayName": "Own", "host": "127.0.0.1", "port": relay.port, "encryption": "none",
            "fromAddress": "no-reply@acme.example", "envelopeDomain": domain,
        } })
    };
    for wrong in ["nodot", "a b.example", "1.2.3.4", "b@c.example", "x.example>"] {
        let refused = owner.post(SENDERS, &spec(wrong)).await.expect_problem(400, "invalid");
        assert!(refused.to_string().contains("spec.envelopeDomain"), "{refused}");
    }
    let app = crate::support::TestApp::start_with(|config| config.smtp_ports = vec![relay.port]).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    owner.post(SENDERS, &spec("back.acme.example")).await.expect(200);
    let back = send(&tenant, &relay, "ada@example.com").await;
    assert!(back.starts_with("b-") && back.ends_with("@back.acme.example"), "{back}");
    let from = header(relay.taken().last().unwrap(), "From");
    assert!(from.contains("no-reply@acme.example"), "{from}");
    let port = listen(&app).await;
    bring(port, &back, &dsn("failed", "5.1.1", "550 no")).await;
    assert_eq!(state(&owner).await.0, "bounced");
    // Without a domain, mail comes back to where it comes from.
    let patch = json!({ "spec": { "envelopeDomain": null } });
    let path = format!("{SENDERS}/own");
    let request = owner.request(reqwest::Method::PATCH, &path).json(&patch);
    owner.send(request).await.expect(200);
    assert_eq!(send(&tenant, &relay, "bob@example.com").await, "no-reply@acme.example");
}

#[tokio::test]
async fn what_is_no_report_is_taken_and_forgotten_and_what_is_too_large_is_refused() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let back = send(&tenant, &relay, "ada@example.com").await;
    let line = |text: &str, times: usize| format!("{text}\r\n").repeat(times).into_bytes();
    let prose = b"Subject: Undeliverable\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n";
    let mut deep = String::new();
    for level in 0..500 {
        write!(
            deep,
            "Content-Type: multipart/report; boundary=b{level}\r\n\r\n--b{level}\r\n"
        )
        .unwrap();
    }
    for (what, mail, answer) in [
        ("prose", prose.to_vec(), "250"),
        ("garbage", line("\u{0}\u{1}\u{ff}", 100), "250"),
        ("nothing", vec![], "250"),
        ("deep", deep.into_bytes(), "250"),
        ("a long line", line(&"x".repeat(200_000), 1), "250"),
        ("10 MB", line(&"x".repeat(998), 10_000), "552"),
        ("a bare LF", b"Subject: a\r\n\nb\r\n".to_vec(), "550"),
        ("a bare CR", b"Subject: a\r\n\rb\r\n".to_vec(), "550"),
    ] {
        let said = bring(port, &back, &mail).await;
        assert_eq!(said, format!("250 250 354 {answer}"), "{what}");
    }
    assert_eq!(state(&owner).await, ("sent".to_owned(), Value::Null));
    assert!(undeliverable(&owner).await.is_empty());
}

/// Says each line, and answers what is said to each.
async fn talk(port: u16, lines: &[&str]) -> Vec<String> {
    let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    let mut said = vec![];
    for line in std::iter::once(&"").chain(lines) {
        if !line.is_empty() {
            stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        }
        loop {
            let mut answer = String::new();
            if stream.read_line(&mut answer).await.unwrap() == 0 {
                said.push("closed".to_owned());
                return said;
            }
            if answer.as_bytes()[3] == b' ' {
                said.push(answer[..3].to_owned());
                break;
            }
        }
    }
    said
}

#[tokio::test]
async fn the_far_end_of_smtp_relays_nothing_and_knows_few_commands() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let back = send(&app.default_tenant(), &relay, "ada@example.com").await;
    let rcpt = format!("RCPT TO:<{back}>");
    let lines = [
        "DATA",
        rcpt.as_str(),
        "AUTH PLAIN AGEAYg==",
        "VRFY ada",
        "EXPN all",
        "STARTTLS",
        "MAIL FROM:ada",
        "MAIL FROM:<> SIZE=999999999",
        "MAIL FROM:<>",
        "DATA",
        "RCPT TO:<eve@example.com>",
        &rcpt,
        &rcpt,
        "RSET",
        "DATA",
        "NOOP",
        "HELO mx.example",
        "QUIT",
    ];
    let said = talk(port, &lines).await;
    let expected = [
        "220", "503", "503", "502", "502", "502", "502", "501", "552", "250", "503", "550", "250", "452", "250", "503",
        "250", "250", "221",
    ];
    assert_eq!(said, expected);
    // A command that does not end as it must may be more than one to others.
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"NOOP\nQUIT\r\n").await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("500 5.5.2") && !rest.contains("221"), "{rest}");
}

#[tokio::test]
async fn one_network_has_four_connections_and_what_is_smuggled_is_read_by_nobody() {
    let relay = Relay::start().await;
    let app = start(&relay).await;
    let port = listen(&app).await;
    let tenant = app.default_tenant();
    let back = send(&tenant, &relay, "ada@example.com").await;
    let mut open = vec![];
    for _ in 0..4 {
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert!(line.starts_with("220"), "{line}");
        open.push(stream);
    }
    assert_eq!(talk(port, &["NOOP"]).await, ["421", "closed"]);
    let mut stream = open.pop().unwrap();
    drop(open);
    let report = String::from_utf8(dsn("failed", "5.1.1", "550 no")).unwrap();
    let smuggled = format!(
        "MAIL FROM:<>\r\nRCPT TO:<{back}>\r\nDATA\r\nSubject: a\r\n\r\nb\n.\r\nMAIL FROM:<>\r\nRCPT TO:<{back}>\r\n\
         DATA\r\n{report}\r\n.\r\n"
    );
    stream.write_all(smuggled.as_bytes()).await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap_or_default();
    assert!(!rest.contains("250 2.0.0 OK"), "{rest}");
    assert_eq!(state(&tenant.owner().await).await.0, "sent");
}
