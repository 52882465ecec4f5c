"""Users: profiles and credentials. It keeps users as documents."""
