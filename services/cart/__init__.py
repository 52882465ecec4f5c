"""Cart: what each user is about to buy. It keeps carts in Redis, a week long."""
