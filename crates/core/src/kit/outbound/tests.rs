//! Each refusal beside a call that is made: a server on this machine stands for one inside.

use super::*;
use std::{
    collections::VecDeque,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A server that gives every connection this answer and then leaves it open, and counts them.
async fn serve(answer: Vec<u8>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::<AtomicUsize>::default();
    let counted = came.clone();
    tokio::spawn(async move {
        let mut open = vec![];
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 2048];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(&answer).await;
            open.push(socket);
        }
    });
    (port, came)
}

fn ok() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec()
}

const HERE: Rules = Rules {
    allowed: vec![],
    loopback: true,
};

fn allowing(network: &str) -> Rules {
    Rules {
        allowed: vec![network.parse().unwrap()],
        loopback: false,
    }
}

/// A client for which names have these addresses, one list a question.
fn resolving(rules: Rules, answers: &[&[&str]]) -> (Outbound, Arc<Mutex<Vec<String>>>) {
    let parse = |ips: &&[&str]| ips.iter().map(|ip| ip.parse().unwrap()).collect::<Vec<IpAddr>>();
    let answers = Arc::new(Mutex::new(answers.iter().map(parse).collect::<VecDeque<_>>()));
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let noted = asked.clone();
    let look_up: LookUp = Arc::new(move |name| {
        noted.lock().unwrap().push(name);
        let next = answers.lock().unwrap().pop_front();
        Box::pin(async move { next.ok_or_else(|| std::io::Error::other("no such name")) })
    });
    (Outbound::with(rules, look_up, PATIENCE), asked)
}

async fn refused(client: &Outbound, url: &str) -> Failure {
    let failed = client.post_form(url, &[("a", "b")]).await;
    failed.expect_err(url)
}

#[tokio::test]
async fn the_machine_itself_is_called_only_where_nobody_else_reaches_the_server() {
    let (port, came) = serve(ok()).await;
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
    ] {
        for scheme in ["http", "https"] {
            let failed = refused(&Outbound::new(Rules::default()), &format!("{scheme}://{host}:{port}/")).await;
            assert!(failed.permanent, "{host} {failed:?}");
        }
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    let here = Outbound::new(HERE);
    for host in ["127.0.0.1", "localhost", "2130706433"] {
        let url = format!("http://{host}:{port}/");
        let answer = here.post_form(&url, &[("a", "b")]).await.unwrap();
        assert_eq!((answer.status, &*answer.body), (200, &b"hi"[..]), "{host}");
    }
    assert_eq!(came.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn only_https_is_called_and_no_address_with_credentials() {
    let (client, asked) = resolving(HERE, &[]);
    for (url, why) in [
        ("http://shop.example/", "only https"),
        ("http://10.0.0.1/", "only https"),
        ("ftp://shop.example/", "only https"),
        ("file:///etc/passwd", "no host"),
        ("gopher://127.0.0.1/", "only https"),
        ("https://ada@shop.example/", "credentials"),
        ("https://ada:pw@shop.example/", "credentials"),
        ("shop.example", "cannot be read"),
    ] {
        let failed = refused(&client, url).await;
        assert!(failed.permanent && failed.error.contains(why), "{url} {failed:?}");
    }
    // Also where the network is allowed: TLS is what says who answers there.
    let failed = refused(&Outbound::new(allowing("10.0.0.0/8")), "http://10.0.0.1/").await;
    assert!(failed.permanent, "{failed:?}");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_called_whatever_else_it_leads_to() {
    let (port, came) = serve(ok()).await;
    let url = format!("https://shop.example:{port}/");
    for ips in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "127.0.0.1"],
        &["::ffff:127.0.0.1"],
        &["169.254.169.254"],
        &["64:ff9b::7f00:1"],
        &["0.0.0.0"],
    ] {
        let (client, asked) = resolving(Rules::default(), &[ips]);
        let failed = refused(&client, &url).await;
        assert!(
            failed.permanent && failed.error.contains("no public address"),
            "{ips:?} {failed:?}"
        );
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
    // An operator's network is: the connection is made, and its TLS is none.
    let (client, _) = resolving(allowing("127.0.0.0/8"), &[&["127.0.0.1"]]);
    let failed = refused(&client, &url).await;
    assert!(!failed.permanent, "{failed:?}");
    assert_eq!(came.load(Ordering::SeqCst), 1);
    // Not by the same address as another one.
    let (client, _) = resolving(allowing("127.0.0.0/8"), &[&["::ffff:127.0.0.1"]]);
    assert!(refused(&client, &url).await.permanent);
}

#[tokio::test]
async fn a_name_is_resolved_once_and_the_address_that_was_looked_at_is_called() {
    let (port, came) = serve(ok()).await;
    let rules = allowing("127.0.0.1/32");
    let url = format!("https://shop.example:{port}/");
    // Whoever says something else the second time is asked the second time by nobody.
    let (client, asked) = resolving(rules.clone(), &[&["127.0.0.1"], &["127.0.0.2"]]);
    let failed = refused(&client, &url).await;
    assert!(!failed.permanent, "{failed:?}");
    assert_eq!((came.load(Ordering::SeqCst), asked.lock().unwrap().len()), (1, 1));
    // And for the next call it is asked anew.
    let failed = refused(&client, &url).await;
    assert!(failed.permanent && failed.error.contains("127.0.0.2"), "{failed:?}");
    assert_eq!((came.load(Ordering::SeqCst), asked.lock().unwrap().len()), (1, 2));
}

#[tokio::test]
async fn localhost_is_this_machine_whatever_a_name_server_says() {
    let (client, _) = resolving(HERE, &[&["8.8.8.8"], &["127.0.0.1"]]);
    let (port, _) = serve(ok()).await;
    let url = format!("http://shop.localhost:{port}/");
    let failed = refused(&client, &url).await;
    assert!(
        failed.permanent && failed.error.contains("not this machine"),
        "{failed:?}"
    );
    assert_eq!(client.post_form(&url, &[]).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (inside, came) = serve(ok()).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let head = format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
        let (port, _) = serve(head.into_bytes()).await;
        let answer = Outbound::new(HERE)
            .post_form(&format!("http://127.0.0.1:{port}/"), &[])
            .await;
        assert_eq!(answer.unwrap().status.to_string(), status[..3]);
    }
    assert_eq!(came.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_is_read_up_to_64_kib() {
    let whole = |length: usize| {
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + length, b'x');
        answer
    };
    let here = Outbound::new(HERE);
    let (port, _) = serve(whole(ANSWER_LIMIT)).await;
    let answer = here.post_form(&format!("http://127.0.0.1:{port}/"), &[]).await.unwrap();
    assert_eq!(answer.body.len(), ANSWER_LIMIT);
    let (port, _) = serve(whole(ANSWER_LIMIT + 1)).await;
    let failed = refused(&here, &format!("http://127.0.0.1:{port}/")).await;
    assert!(
        !failed.permanent && failed.error.contains("longer than 64 KiB"),
        "{failed:?}"
    );
    // Nor one without an end that says nothing of its length.
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.resize(ANSWER_LIMIT * 4, b'x');
    let (port, _) = serve(endless).await;
    let failed = refused(&here, &format!("http://127.0.0.1:{port}/")).await;
    assert!(failed.error.contains("longer than 64 KiB"), "{failed:?}");
}

#[tokio::test]
async fn whoever_does_not_answer_or_never_ends_is_given_up() {
    for part in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
    ] {
        let (port, came) = serve(part.to_vec()).await;
        let look: LookUp = Arc::new(|name| Box::pin(look_up(name)));
        let impatient = Outbound::with(HERE, look, Duration::from_millis(200));
        let failed = refused(&impatient, &format!("http://127.0.0.1:{port}/")).await;
        assert!(!failed.permanent && failed.error.contains("within"), "{failed:?}");
        assert_eq!(came.load(Ordering::SeqCst), 1);
    }
}
