//! SASL GSSAPI (RFC 4752) on the system's Kerberos library: a ticket for the server, proofs
//! to and fro, and no security layer, for ZooKeeper wraps nothing. The library blocks, on
//! files and on KDCs, so every call to it is on a thread of its own. Refuses to know frames,
//! and where tickets are.

use std::sync::Arc;

use libgssapi::context::{ClientCtx, CtxFlags, SecurityContext as _};
use libgssapi::credential::{Cred, CredUsage};
use libgssapi::name::Name;
use libgssapi::oid::{GSS_MECH_KRB5, GSS_NT_HOSTBASED_SERVICE, GSS_NT_KRB5_PRINCIPAL, OidSet};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{Kerberos, Tokens, trouble};
use crate::client::connect::Refusal;
use crate::proto::SecurityLayers;

/// Gets a ticket for the server on `host`. Once the client has been connected none of the
/// reasons why there is no ticket is final: the cache may just be about to be renewed.
pub(super) async fn start(
    kerberos: &Kerberos,
    host: &str,
    thread: &Thread<'_>,
    is_first: bool,
) -> Result<Step, Refusal> {
    let (asked, target) = (kerberos.clone(), Target::of(kerberos, host));
    match thread.run(move || Exchange::start(&asked, target)).await {
        Err(Refusal::AuthFailed(why)) if !is_first => Err(Refusal::Unusable(why)),
        ticket => ticket,
    }
}

/// Carries the exchange through with the ticket.
pub(super) async fn finish(
    tokens: &mut Tokens<'_>,
    mut next: Step,
    thread: &Thread<'_>,
) -> Result<(), Refusal> {
    loop {
        let challenge = tokens.expect(&next.token).await?;
        next = thread.run(move || next.exchange.answer(&challenge)).await?;
        if next.is_last {
            break;
        }
    }
    match tokens.exchange(&next.token).await?.as_deref() {
        None | Some([]) => Ok(()),
        Some(_) => Err(Refusal::Unusable(
            "it goes on with SASL GSSAPI after its end".to_owned(),
        )),
    }
}

/// Where the library may block: on a thread, one at a time for each client, so that a silent
/// KDC can't gather threads, nor hold up the runtime's end.
pub(super) struct Thread<'a> {
    pub(super) turn: &'a Arc<Semaphore>,
    pub(super) deadline: Instant,
}

impl Thread<'_> {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let silent = || Refusal::Unusable(trouble::SILENT_KDC.to_owned());
        let turn = timeout_at(self.deadline, self.turn.clone().acquire_owned());
        let turn = turn.await.map_err(|_| silent())?;
        let (sender, result) = oneshot::channel();
        let call = move || {
            let result = work();
            drop(turn);
            // Whoever gave up meanwhile wants no result.
            let _ = sender.send(result);
        };
        std::thread::Builder::new()
            .name("kerberos".to_owned())
            .spawn(call)
            .map_err(|error| Refusal::Unusable(format!("no thread for Kerberos ({error})")))?;
        match timeout_at(self.deadline, result).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Refusal::Unusable("the Kerberos library failed".to_owned())),
            Err(_) => Err(silent()),
        }
    }
}

/// Whom a ticket is for.
struct Target {
    /// As people write it.
    text: String,
    /// Whether `text` is a whole principal, or `service@host` for the library to complete.
    whole: bool,
}

impl Target {
    fn of(kerberos: &Kerberos, host: &str) -> Self {
        match &kerberos.server_principal {
            Some(principal) => Self {
                text: principal.clone(),
                whole: true,
            },
            None => Self {
                text: format!("{}@{host}", kerberos.service),
                whole: false,
            },
        }
    }

    fn name(&self) -> Result<Name, libgssapi::error::Error> {
        let kind = if self.whole {
            GSS_NT_KRB5_PRINCIPAL
        } else {
            GSS_NT_HOSTBASED_SERVICE
        };
        Name::new(self.text.as_bytes(), Some(kind))
    }
}

/// What to send next.
pub(super) struct Step {
    exchange: Exchange,
    token: Vec<u8>,
    /// Whether the server only has to agree.
    is_last: bool,
}

struct Exchange {
    context: ClientCtx,
    target: Target,
}

impl Exchange {
    fn start(kerberos: &Kerberos, target: Target) -> Result<Step, Refusal> {
        let told = |error| trouble::refusal(error, &target.text);
        let principal = kerberos.principal.as_deref();
        let name = |text: &str| Name::new(text.as_bytes(), Some(GSS_NT_KRB5_PRINCIPAL));
        let name = principal.map(name).transpose().map_err(told)?;
        let mut mechanisms = OidSet::new();
        mechanisms.add(GSS_MECH_KRB5).map_err(told)?;
        let usage = CredUsage::Initiate;
        let ticket = Cred::acquire(name.as_ref(), None, usage, Some(&mechanisms)).map_err(told)?;
        let flags = CtxFlags::GSS_C_MUTUAL_FLAG
            | CtxFlags::GSS_C_INTEG_FLAG
            | CtxFlags::GSS_C_SEQUENCE_FLAG;
        let server = target.name().map_err(told)?;
        let mechanism = Some(GSS_MECH_KRB5);
        let mut context = ClientCtx::new(Some(ticket), server, flags, mechanism);
        let token = context.step(None, None).map_err(told)?;
        Ok(Step {
            token: token.map(|token| token.to_vec()).unwrap_or_default(),
            exchange: Self { context, target },
            is_last: false,
        })
    }

    /// Goes on with the proofs, and once they are done settles that nothing is wrapped.
    fn answer(mut self, challenge: &[u8]) -> Result<Step, Refusal> {
        let is_last = self.context.is_complete();
        let token = if is_last {
            self.without_layer(challenge)?
        } else {
            let token = self.context.step(Some(challenge), None);
            let token = token.map_err(|error| trouble::refusal(error, &self.target.text))?;
            token.map(|token| token.to_vec()).unwrap_or_default()
        };
        Ok(Step {
            exchange: self,
            token,
            is_last,
        })
    }

    fn without_layer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, Refusal> {
        let told = |error| trouble::refusal(error, &self.target.text);
        let offer = self.context.unwrap(challenge).map_err(told)?;
        let offer = SecurityLayers::parse(&offer).map_err(|error| {
            Refusal::Unusable(format!("it does not speak SASL GSSAPI ({error})"))
        })?;
        if !offer.offers_none() {
            return Err(Refusal::AuthFailed(
                "the server wants every message signed or encrypted by SASL; ZooKeeper's \
                 protocol can't, use TLS"
                    .to_owned(),
            ));
        }
        let choice = self.context.wrap(false, &SecurityLayers::CHOOSE_NONE);
        Ok(choice.map_err(told)?.to_vec())
    }
}
