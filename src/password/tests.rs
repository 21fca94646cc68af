use super::*;
use crate::kit::secret::{MasterKey, Pepper};
use std::time::{Duration, Instant};

/// Made by Python's hashlib, bcrypt, argon2-cffi, passlib, Django and cryptography of [`FOREIGN_PASSWORD`].
const FOREIGN: &[&str] = &[
    "$2a$06$XlZWKQ6eI7FctvKLRejT/.sDjGAOOcdOaDPnBqFOEfuF29V.PUZpS",
    "$2b$06$MG0wQTCvpoObj6v.a6L7Y.bMdh8pI3GK4uHRurt05mDGAntlK.SHq",
    "$2y$06$93xbfB68i/EwF36rXv4/3uAr3fBbeZKl33JZWaPalt.BtJ8riGihy",
    "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$qcXOFeyLrD3HkSYCCjE5bEIO5urOcWbAyZDoXa5Gim4",
    "$pbkdf2-sha256$i=100000$AAECAwQFBgcICQoLDA0ODw$Vqhu6+JS9ldkjh4watwBe9TmNaf11t3oJwEx+Gr9SAU",
    "$pbkdf2-sha512$i=50000,l=64$AAECAwQFBgcICQoLDA0ODw$4oglbvTpPZcsOCGdT3hwVu5rNwaFgt5RZAkXsA4OiiG0/6qIO5J9KT5078TVaUEKAVVPK79EBkbNMPBrwvVL4A",
    "$argon2i$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$uEyF5j14zEskLWb/rvCp5PsOMlmCCsCW",
    "$argon2d$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$k8l5VtSBIIb+PF8jAPij4HLhtrfzcOjN",
    "$argon2id$v=19$m=1024,t=1,p=2$AAECAwQFBgcICQoLDA0ODw$RIMeXcatsuThrsyL8hNHAU2nYmGZsBLM",
    "$argon2i$v=16$m=512,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$A3vU/LJPtE+/oGcMhlytKVoCaHvL7iBt0BnTdHv5fbM",
    "$argon2i$m=512,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$A3vU/LJPtE+/oGcMhlytKVoCaHvL7iBt0BnTdHv5fbM",
    "$pbkdf2$20000$P/vwc2FsdC1vZi0xNi1ieXRl$PO2Iv8Lia9OTv8pOeBa/HajziKI",
    "$pbkdf2-sha256$20000$hZCSEkIoJQSgNAYAgDCmdA$lGcZMFb0EaT7QbQCKE8cjGV0MLwTm9p8fhivSymfBS0",
    "$pbkdf2-sha512$10000$JKSUUiql1Np7b6117h0DQEip9Z6TEiJESGntXUtprTXmXMu5lzLm/B9DiJFyrvUeQyjF.D9HaA3h/L9X6r333g$4zAtOb5ARqErnwZ1iEOJBaav9Gg5llHHYKiNAp7kFjKtU9rbEb4O6VtFH8M5U5/WCGgZoxkbeiX.rBAr8JZogg",
    "$6$saltstring$evB19XMDPrnW5LBJOvMz.QR4QkB9.XzWuTfoY9Q.asgC2vQvf3CpaRWqTCbRWJqd6FN.hZdFWK0cF0lsd5h9m/",
    "$6$rounds=10000$sixteencharsalt.$rk7/7xIDkx54cCCiIbDC/.9XFZtFP5WnPPE4iibib4fkhyWKRz11ZYb82i4LHeZjr6No7iirq1flc83XEkHLB0",
    "$5$rounds=6000$abc$NKG.xU.33.9P60uq3GzpChSH0CO5.b7oDcX98hyKpz1",
    "$scrypt$ln=14,r=8,p=1$bo0x$9OK4LK/dhGXvSLuokOJSSO7IZZ30Rs/UyGoM1YLUBXA",
    "pbkdf2_sha256$26000$djangosalt$h2h8lZEu9a4S0aPz//NrFiuLSFeS+G9+jdRVNlk3WRM=",
    "pbkdf2_sha1$26000$djangosalt$ajJISI8KHV/EOM55NEZE/OmRL08=",
    "scrypt$16384$djangosalt$8$5$JojsZe7FqZ8ANMqGIl9hrQyHlgbKRZQ/Hh8GQDC6eN8yr2cDQXq9DYzfRZ/eEXOsx5unxi4bn89OH/rqzWL2nQ==",
    "bcrypt_sha256$$2b$05$p3cxnEQWqpbvqWwMmINncepHxjZ9s7gLE/fys.XsiNBgTTh3Z0JLW",
    "bcrypt$$2b$05$J8BCjh.GzYZiTaELgq8NlugatE.xYtlMYOlOnJUCL1uX/KLSafSPm",
    "argon2$argon2id$v=19$m=1024,t=1,p=2$YzI5dFpYTmhiSFE$3NKV6MqUPAEOeC+EYuC3Y4SQhngEObdoIg9Ex4y8OYM",
    "{bcrypt}$2b$05$vP2G6GYQRUyJosJEDzd6zembAuNhRnJS0pvtzTy69IKroJnQgNPy6",
    "{argon2@SpringSecurity_v5_8}$argon2id$v=19$m=131072,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg==$+NXti9Vw4LKxg8L2U2nvVwHxRmlpgSWsYAbf46tmIm8=",
    "$pbkdf2-sha256$i=27500$a2NzYWx0MDEyMzQ1Njc4OQ==$ZXFDrt0Ud0wygSeExouHTYcWoklm+Tclk3+z8BEG/5XyjqHSqn9nILVQZH7Ve4oXLrHtkLoD6cdgGlBmIciPbg==",
    "$firebase-scrypt$ln=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$ZmlyZWJhc2Utc2FsdA==$tIWe35WEeyaeTVXDifHq6RUr+x/t6pWRwHuCkv8i2J45OlYwmjc/iArp+kkYeQi+JPIPMPpKsk2ukioQ+T0RFw==",
];
const FOREIGN_PASSWORD: &str = "an imported passphrase, läng";
/// Of 40 times `ü`, which is 80 bytes.
const LONG_BCRYPT: &str = "$2b$05$F6OhPxpuKbYXtPDnPloB9.ZaZVfSxP1bL.FlAWLTj1jvwVrNueb.m";

fn pepper() -> Pepper {
    MasterKey::parse(&MasterKey::generate()).unwrap().pepper().clone()
}

fn given(hash: &str) -> GivenHash {
    hash.parse().unwrap()
}

#[test]
fn hashes_of_other_systems_are_taken_over_and_are_outdated() {
    let (pepper, mut memory) = (pepper(), vec![]);
    for hash in FOREIGN {
        assert_eq!(import("passwordHash", &given(hash)).unwrap(), **hash);
        let stored: StoredHash = hash.parse().unwrap();
        assert!(stored.is_of(FOREIGN_PASSWORD, &pepper, &mut memory).unwrap(), "{hash}");
        assert!(!stored.is_current(&pepper), "{hash}");
        for wrong in ["an imported passphrase, lang", "an imported passphrase, läng ", ""] {
            assert!(!stored.is_of(wrong, &pepper, &mut memory).unwrap(), "{hash} {wrong:?}");
        }
    }
    let ours: StoredHash = stored::make(FOREIGN_PASSWORD, &pepper, &mut memory)
        .unwrap()
        .parse()
        .unwrap();
    assert!(ours.is_of(FOREIGN_PASSWORD, &pepper, &mut memory).unwrap() && ours.is_current(&pepper));
}

#[test]
fn a_hash_of_a_project_of_firebase_is_that_of_its_published_example() {
    let (pepper, mut memory) = (pepper(), vec![]);
    let hash = "$firebase-scrypt$ln=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==\
                $42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    let stored: StoredHash = hash.parse().unwrap();
    assert!(stored.is_of("user1password", &pepper, &mut memory).unwrap());
    assert!(!stored.is_of("user2password", &pepper, &mut memory).unwrap());
}

#[test]
fn memory_that_a_hash_of_another_system_took_is_given_back() {
    let (pepper, mut memory) = (pepper(), vec![]);
    let large = FOREIGN.iter().find(|hash| hash.contains("m=131072")).unwrap();
    let stored: StoredHash = large.parse().unwrap();
    assert!(stored.is_of(FOREIGN_PASSWORD, &pepper, &mut memory).unwrap());
    assert!(memory.capacity() <= stored::MEMORY as usize);
}

#[test]
fn bcrypt_compares_72_bytes_as_it_always_did() {
    let (pepper, mut memory) = (pepper(), vec![]);
    let stored: StoredHash = LONG_BCRYPT.parse().unwrap();
    for same in [40, 36] {
        assert!(stored.is_of(&"ü".repeat(same), &pepper, &mut memory).unwrap());
    }
    assert!(!stored.is_of(&"ü".repeat(35), &pepper, &mut memory).unwrap());
}

/// Hashes that cost too much or are not understood.
fn refused(rest: &str, bcrypt: &str) -> Vec<String> {
    vec![
        format!("$2b$15${bcrypt}"),
        format!("$2b$31${bcrypt}"),
        format!("$2b$03${bcrypt}"),
        format!("$2x$10${bcrypt}"),
        format!("$2b$10${}", &bcrypt[1..]),
        format!("$scrypt$ln=18,r=8,p=1{rest}"),
        format!("$scrypt$ln=17,r=9,p=1{rest}"),
        format!("$scrypt$ln=63,r=4294967295,p=4294967295{rest}"),
        format!("$scrypt$ln=4294967295,r=8,p=1{rest}"),
        format!("$scrypt$ln=14,r=8,p=17{rest}"),
        format!("$scrypt$ln=14,r=0,p=1{rest}"),
        format!("$scrypt$ln=14,r=8{rest}"),
        format!("$pbkdf2-sha256$i=5000001{rest}"),
        format!("$pbkdf2-sha256$i=0{rest}"),
        format!("$pbkdf2-md5$i=1000{rest}"),
        format!("$pbkdf2-sha256$5000001{rest}"),
        format!("$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcI"),
        format!("$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw${}", "A".repeat(172)),
        "pbkdf2_sha256$5000001$salt$h2h8lZEu9a4S0aPz//NrFiuLSFeS+G9+jdRVNlk3WRM=".to_owned(),
        "pbkdf2_md5$26000$salt$h2h8lZEu9a4S0aPz//NrFiuLSFeS+G9+jdRVNlk3WRM=".to_owned(),
        "scrypt$16383$salt$8$5$JojsZe7FqZ8ANMqGIl9hrQyHlgbKRZQ/Hh8GQDC6eN8=".to_owned(),
        "scrypt$1048576$salt$8$5$JojsZe7FqZ8ANMqGIl9hrQyHlgbKRZQ/Hh8GQDC6eN8=".to_owned(),
        format!("bcrypt_sha256$$2b$15${bcrypt}"),
        format!("{{bcrypt}}$2b$15${bcrypt}"),
        "{noop}a password that is none".to_owned().replace(' ', "-"),
        "{MD5}5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        "$6$rounds=1000001$saltstring$evB19XMDPrnW5LBJOvMz.QR4QkB9.XzWuTfoY9Q.asgC2vQvf3CpaRWqTCbRWJqd6FN.hZdFWK0cF0lsd5h9m/".to_owned(),
        "$6$saltstring$evB19XMD".to_owned(),
        format!("$firebase-scrypt$ln=18,r=8,p=1,ss=Bw==,sk=AAAA{rest}"),
        format!("$firebase-scrypt$ln=14,r=8,p=1,ss=Bw==,sk=AAAA{rest}"),
        format!("$firebase-scrypt$ln=14,r=8,p=1{rest}"),
        format!("$argon2id$v=19$m=131073,t=1,p=1{rest}"),
        format!("$argon2id$v=19$m=131072,t=6,p=1{rest}"),
        format!("$argon2id$v=19$m=19456,t=11,p=1{rest}"),
        format!("$argon2id$v=20$m=19456,t=2,p=1{rest}"),
        format!("$argon2id$v=19$m=19456,t=2,p=1,keyid=AAAAAAAA{rest}"),
        "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw".to_owned(),
        "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        "$1$salt$qJH7.N4xYta3aEG/dfqo/0".to_owned(),
        "$".to_owned(),
    ]
}

#[test]
fn a_hash_that_costs_too_much_or_is_not_understood_is_refused_and_never_computed() {
    let rest = "$AAECAwQFBgcICQoLDA0ODw$Vqhu6+JS9ldkjh4watwBe9TmNaf11t3oJwEx+Gr9SAU";
    let bcrypt = "9Hk77z5DXRzDKWJdmoVZQujr5mv8v3d.c.646ZEJeB86atKIgxHU.";
    let refused = refused(rest, bcrypt);
    let begun = Instant::now();
    for hash in refused {
        let Err(Error::Invalid(wrong)) = import("passwordHash", &given(&hash)) else {
            panic!("{hash} was taken")
        };
        assert_eq!((wrong.len(), wrong[0].field.as_str()), (1, "passwordHash"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(import("passwordHash", &given(&format!("$scrypt$ln=17,r=8,p=1{rest}"))).is_ok());
    assert!(import("passwordHash", &given(&format!("$2b$14${bcrypt}"))).is_ok());
}

fn failed(policy: &Policy, about: &Words, password: &str) -> Vec<&'static str> {
    match policy.accept(&password.parse().unwrap(), about) {
        Ok(_) => vec![],
        Err(failures) => failures.into_iter().map(|failure| failure.code).collect(),
    }
}

fn preset(preset: Preset) -> Policy {
    Policy {
        preset,
        ..Policy::default()
    }
}

#[test]
fn each_preset_accepts_and_refuses_what_it_says() {
    let nobody = Words::default();
    let [single, mfa, legacy] = [Preset::NistSingle, Preset::NistMfa, Preset::LegacyClasses].map(preset);
    for good in [
        "correct horse battery staple",
        "83749283749261940275",
        "🦀🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍",
        "密码足够长而且不容易被别人猜到的",
    ] {
        assert_eq!(failed(&single, &nobody, good), [""; 0], "{good}");
    }
    assert_eq!(
        failed(&single, &nobody, "xK9#mQ2$vL-7pW"),
        ["too_short"],
        "14 characters"
    );
    assert_eq!(failed(&single, &nobody, "xK9#mQ2$vL-7pWz"), [""; 0], "15 characters");
    assert_eq!(failed(&mfa, &nobody, "xK9#mQ2$vL"), [""; 0]);
    assert_eq!(failed(&mfa, &nobody, "password"), ["too_common", "too_guessable"]);

    for good in ["SecureP@ss123", "xK9#mQ2$vL"] {
        assert_eq!(failed(&legacy, &nobody, good), [""; 0], "{good}");
    }
    for common in [
        "Password1!",
        "P@ssw0rd1",
        "Qwerty123!",
        "Admin@123",
        "Welcome@123",
        "Summer2026!",
    ] {
        assert!(failed(&legacy, &nobody, common).contains(&"too_common"), "{common}");
    }
    assert!(failed(&legacy, &nobody, "Zaq12wsx!").contains(&"too_guessable"));
    assert_eq!(
        failed(&legacy, &nobody, "correct horse battery staple"),
        ["needs_upper", "needs_digit"]
    );
}

#[test]
fn every_rule_that_fails_is_named_at_once() {
    let legacy = preset(Preset::LegacyClasses);
    let words = Words::of(["acme"]);
    assert_eq!(
        failed(&legacy, &words, "acme"),
        [
            "too_short",
            "needs_upper",
            "needs_digit",
            "needs_special",
            "context_word",
            "too_guessable"
        ]
    );
    assert_eq!(
        failed(&legacy, &words, "PASSWORD"),
        [
            "needs_lower",
            "needs_digit",
            "needs_special",
            "too_common",
            "too_guessable"
        ]
    );
}

#[test]
fn words_around_the_user_make_no_password() {
    let legacy = preset(Preset::LegacyClasses);
    let about = Words::of(["acme", "Acme Corporation", "ada", "ada.lovelace@babbage.example"]);
    for refused in [
        "Acme2026!acme",
        "Lovelace#1815",
        "Ada.Lovelace1",
        "Tenantry-2026",
        "C0rporation!!",
    ] {
        assert!(failed(&legacy, &about, refused).contains(&"context_word"), "{refused}");
    }
    let elsewhere = Words::of(["zeta", "grace@hopper.example"]);
    assert_eq!(failed(&legacy, &elsewhere, "Acme2026!acme"), [""; 0]);
    assert!(
        !failed(&legacy, &about, "Babbage-1815x").contains(&"context_word"),
        "the domain is no word of theirs"
    );

    let own = Policy {
        words: vec!["project aurora".to_owned()],
        ..legacy
    };
    assert!(failed(&own, &elsewhere, "Aurora#2026-Project").contains(&"context_word"));
    assert!(failed(&own, &elsewhere, "Pr0ject-Aurora!").contains(&"context_word"));
}

fn nothing() -> policy::Blocklist {
    policy::Blocklist {
        common: false,
        context_words: false,
        words: vec![],
    }
}

#[test]
fn a_tenants_own_rules_are_all_that_is_asked() {
    let custom = Policy {
        preset: Preset::Custom,
        custom: Some(Rules {
            min_length: 6,
            max_length: 64,
            blocklist: nothing(),
            min_score: 0,
            ..Rules::default()
        }),
        words: vec!["zeppelin".to_owned()],
    };
    let about = Words::of(["tenantry", "acme"]);
    for good in ["secret1", "secret2", "password", "acme2026", "tenantry"] {
        assert_eq!(failed(&custom, &about, good), [""; 0], "{good}");
    }
    assert_eq!(failed(&custom, &about, "Zeppelin1"), ["context_word"]);
    assert_eq!(failed(&custom, &about, "short"), ["too_short"]);
    assert_eq!(failed(&custom, &about, &"🦀".repeat(65)), ["too_long"]);
    assert_eq!(failed(&custom, &about, &"🦀".repeat(64)), [""; 0]);
}

#[test]
fn conformance_is_told_with_the_reasons() {
    let told = |policy: &Policy| {
        let found = policy.conformance();
        (found.nist, found.asvs, found.why.len())
    };
    assert_eq!(told(&preset(Preset::NistSingle)), (true, true, 0));
    assert_eq!(told(&preset(Preset::NistMfa)), (false, true, 1));
    assert_eq!(told(&preset(Preset::LegacyClasses)), (false, false, 2));
    let weak = Policy {
        preset: Preset::Custom,
        custom: Some(Rules {
            min_length: 6,
            blocklist: nothing(),
            ..Rules::default()
        }),
        ..Policy::default()
    };
    assert_eq!(told(&weak), (false, false, 3));
}

#[test]
fn a_generated_password_has_twelve_characters_of_every_class_and_is_never_the_same() {
    let legacy = preset(Preset::LegacyClasses);
    let made: std::collections::BTreeSet<String> = (0..200).map(|_| generate::<12>().expose().to_owned()).collect();
    assert_eq!(made.len(), 200);
    for password in made {
        assert_eq!(password.len(), 12);
        assert_eq!(failed(&legacy, &Words::default(), &password), [""; 0], "{password}");
    }
}

#[test]
fn a_policy_that_was_stored_is_read_again() {
    let old: Policy = serde_json::from_value(serde_json::json!({})).unwrap();
    assert_eq!(old, Policy::default());
    let legacy = preset(Preset::LegacyClasses);
    let stored = serde_json::json!(legacy);
    assert_eq!(stored["preset"], "legacy-classes");
    assert_eq!(serde_json::from_value::<Policy>(stored).unwrap(), legacy);
}

#[test]
fn a_check_takes_a_moment() {
    let words = Words::of(["acme", "Ada Lovelace", "ada@example.com"]);
    let policy = Policy {
        words: (0..200).map(|number| format!("word{number}")).collect(),
        ..Policy::default()
    };
    let hardest = "a1@A0o3e$5s7t!i".repeat(17);
    let begun = Instant::now();
    for _ in 0..10 {
        failed(&policy, &words, &hardest);
        failed(&policy, &words, "correct horse battery staple");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
