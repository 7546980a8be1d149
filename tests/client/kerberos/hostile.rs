//! Servers that speak GSSAPI with a key that is good, and then say what no real one says.

use libgssapi::context::{SecurityContext as _, ServerCtx};
use libgssapi::credential::{Cred, CredUsage};
use zooscope::client::{Client, Kerberos, SessionState};

use super::kdc::REALM;
use super::world::{Ticket, within};
use crate::common::{connected, options_at, soon};
use crate::fake::{Conn, Fake};
use crate::security::failure;

/// What a server sends to prove itself.
enum Proof {
    Own,
    Null,
    Bytes(&'static [u8]),
}

/// What a server says at each turn.
struct Script {
    proof: Proof,
    /// Which layers it offers.
    offer: &'static [u8],
    is_wrapped: bool,
    /// In place of nothing, at the end.
    end: Option<&'static [u8]>,
}

const HONEST: Script = Script {
    proof: Proof::Own,
    offer: &[0b111, 1, 0, 0],
    is_wrapped: true,
    end: None,
};

impl Script {
    fn start(self) -> Fake {
        Fake::start("3.9.4", move |conn, _| {
            conn.welcome(7, 10_000);
            if self.authenticate(conn).is_some() {
                conn.serve(|_| (1, -6, Vec::new()));
            }
        })
    }

    /// `None` if the client goes.
    fn authenticate(&self, conn: &mut Conn) -> Option<()> {
        let (xid, ticket) = conn.sasl_token()?;
        match self.proof {
            Proof::Own => {}
            Proof::Null => conn.say_sasl(xid, None),
            Proof::Bytes(bytes) => conn.say_sasl(xid, Some(bytes)),
        }
        if !matches!(self.proof, Proof::Own) {
            // A client that goes on all the same is let in, and the test fails.
            conn.sasl_token()?;
        }
        let keys = Cred::acquire(None, None, CredUsage::Accept, None).expect("the keytab's");
        let mut context = ServerCtx::new(Some(keys));
        let proof = context.step(&ticket, None).expect("a good ticket");
        conn.say_sasl(xid, proof.as_deref());
        let (xid, empty) = conn.sasl_token()?;
        assert_eq!(empty, b"", "the client has nothing to add");
        let offer = if self.is_wrapped {
            context.wrap(false, self.offer).expect("wrapped").to_vec()
        } else {
            self.offer.to_vec()
        };
        conn.say_sasl(xid, Some(&offer));
        let (xid, choice) = conn.sasl_token()?;
        let choice = context.unwrap(&choice).expect("wrapped");
        assert_eq!(
            *choice,
            [1, 0, 0, 0],
            "no layer, no size, no other identity"
        );
        conn.say_sasl(xid, self.end);
        Some(())
    }
}

fn kerberos() -> Kerberos {
    Kerberos::default().server_principal(format!("zookeeper/localhost@{REALM}"))
}

#[test]
fn every_layer_is_declined() {
    let test = "kerberos::hostile::every_layer_is_declined";
    within(test, Ticket::Kinit(300), async |_| {
        for end in [None, Some(&b""[..])] {
            let server = Script { end, ..HONEST }.start();
            let client = connected(options_at(server.addr(), "").sasl(kerberos())).await;
            assert_eq!(client.session().id, 7);
            client.close().await;
        }
    });
}

#[test]
fn a_server_that_proves_nothing_or_asks_too_much_is_refused() {
    let test = "kerberos::hostile::a_server_that_proves_nothing_or_asks_too_much_is_refused";
    within(test, Ticket::Kinit(300), async |_| {
        let proof = |proof| Script { proof, ..HONEST };
        let offer = |offer, is_wrapped| Script {
            offer,
            is_wrapped,
            ..HONEST
        };
        for (script, wanted) in [
            (proof(Proof::Null), "takes no SASL credentials of this kind"),
            (proof(Proof::Bytes(b"")), "makes no sense"),
            (
                proof(Proof::Bytes(b"\x60\x03\x06\x01\x00")),
                "makes no sense",
            ),
            (offer(&[1, 0, 0, 0], false), "makes no sense"),
            (offer(&[0b110, 1, 0, 0], true), "use TLS"),
        ] {
            let server = script.start();
            let told = failure(options_at(server.addr(), "").sasl(kerberos())).await;
            assert!(told.contains(wanted), "{wanted}: {told}");
        }
    });
}

#[test]
fn a_server_that_speaks_otherwise_is_left_for_another() {
    let test = "kerberos::hostile::a_server_that_speaks_otherwise_is_left_for_another";
    within(test, Ticket::Kinit(300), async |_| {
        let scripts = [
            Script {
                offer: &[1, 0, 0],
                ..HONEST
            },
            Script {
                offer: &[0, 0, 0, 0],
                ..HONEST
            },
            Script {
                end: Some(b"more"),
                ..HONEST
            },
        ];
        for script in scripts {
            let server = script.start();
            let client = Client::connect(options_at(server.addr(), "").sasl(kerberos()));
            let mut info = client.watch_session();
            let told = info.wait_for(|info| info.trouble.is_some());
            let told = soon("the trouble", told).await.expect("a snapshot").clone();
            let trouble = told.trouble.expect("it is there");
            assert!(trouble.contains("SASL GSSAPI"), "{trouble}");
            assert_eq!(told.state, SessionState::Connecting);
            client.close().await;
        }
    });
}
