"""Articles: the shop's journal. Its texts are read once from mocks/articles.json."""
