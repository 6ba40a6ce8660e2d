"""How a sentence on places and scores is read: from its signals to who has them."""
