//! Finds a free port.

use std::io;
use std::net::{SocketAddr, TcpListener};

use super::settings::{ServeError, ServeSettings};

/// Listens on the requested port, or on the next free one.
///
/// # Errors
/// [`ServeError::Listen`]: the address does not belong to this machine, or all tried ports are taken.
pub(super) fn listen(settings: &ServeSettings) -> Result<TcpListener, ServeError> {
    let last_port = if settings.port == 0 { 0 } else { settings.port.saturating_add(settings.n_further_ports) };
    let mut port = settings.port;
    loop {
        let address = SocketAddr::new(settings.address, port);
        match TcpListener::bind(address) {
            Err(source) if source.kind() == io::ErrorKind::AddrInUse && port < last_port => port += 1,
            outcome => return outcome.map_err(|source| ServeError::Listen { address, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_leads_to_the_next_free_one() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let mut settings = ServeSettings { port, ..ServeSettings::new("report".into()) };
        let found = listen(&settings).unwrap().local_addr().unwrap();
        assert!(found.ip().is_loopback() && found.port() > port);
        settings.n_further_ports = 0;
        assert!(matches!(listen(&settings), Err(ServeError::Listen { address, .. }) if address.port() == port));
    }

    #[test]
    fn any_port_is_one_that_the_system_chooses() {
        let settings = ServeSettings { port: 0, ..ServeSettings::new("report".into()) };
        assert_ne!(listen(&settings).unwrap().local_addr().unwrap().port(), 0);
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let settings = ServeSettings { address: [192, 0, 2, 1].into(), ..ServeSettings::new("report".into()) };
        assert!(listen(&settings).is_err());
    }
}
