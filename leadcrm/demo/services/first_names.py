"""First names by the period in which they were given. `Johannes/Jan` is named Johannes and called Jan."""

# Born until 1964.
MEN_THEN = """
Johannes/Jan Johannes/Hans Johannes/Joop Cornelis/Kees Cornelis/Cor Wilhelmus/Wim Willem/Wim Pieter/Piet Petrus/Peter
Hendrik/Henk Hendrikus/Henk Gerardus/Gerard Gerrit/Gerrit Jacobus/Jaap Jacobus/Koos Adrianus/Ad Adriaan/Adrie
Antonius/Ton Antonius/Toon Franciscus/Frans Martinus/Martin Theodorus/Theo Leonardus/Leo Lambertus/Bert Egbertus/Bert
Hubertus/Huub Josephus/Jos Nicolaas/Nico Nicolaas/Klaas Klaas/Klaas Arend/Arend Albert/Ab Rudolf/Ruud Robertus/Rob
Robert/Rob Everardus/Evert Evert/Evert Dirk/Dirk Simon/Siem Sjoerd/Sjoerd Douwe/Douwe Jelle/Jelle Hermanus/Herman
Bernardus/Ben Laurentius/Lau Lourens/Laurens Reinier/Rein Maarten/Maarten Tjeerd/Tjeerd Gijsbertus/Gijs Marinus/Rinus
Jozef/Jef Frederik/Fred Ferdinand/Ferdi Louis/Louis Paulus/Paul Karel/Karel Roelof/Roel Harmen/Harm
"""
WOMEN_THEN = """
Johanna/Annie Johanna/Joke Johanna/Hanneke Maria/Ria Maria/Marijke Maria/Mieke Maria/Marian Cornelia/Corrie
Cornelia/Nel Wilhelmina/Willy Wilhelmina/Mien Adriana/Jeanne Adriana/Ada Anna/Annie Anna/Anneke Elisabeth/Els
Elisabeth/Betty Elisabeth/Liesbeth Hendrika/Riek Hendrika/Hennie Margaretha/Greet Margaretha/Margriet Catharina/Toos
Catharina/Carla Geertruida/Truus Geertruida/Trudy Petronella/Nelly Petronella/Petra Jacoba/Coby Theodora/Thea
Theodora/Dorien Antonia/Tonny Francisca/Francien Helena/Leny Helena/Ellen Gerarda/Gerda Gerritdina/Gerrie Alida/Alie
Aaltje/Alie Grietje/Greetje Trijntje/Trijnie Sjoukje/Sjoukje Ytje/Ytje Jeltje/Jel Lamberta/Bertha Martina/Tineke
Christina/Tineke Christina/Stien Josephina/Josje Dina/Diny Berendina/Dinie Hermina/Mineke Ingrid/Ingrid Yvonne/Yvonne
Marja/Marja Paula/Paula Rita/Rita Irene/Irene Wil/Wil Lidwina/Lidy Bernadette/Bernadette
"""

# Born from 1965 to 1984.
MEN_NOW = """
Johannes/Hans Cornelis/Kees Wilhelmus/Wim Petrus/Peter Marcel Erik Mark Marco Edwin Ronald Richard Patrick Dennis
Jeroen Sander Michiel Martijn Bas Bart Rob Robert Paul Peter Frank Arjan Remco Maurice René André Wouter Jasper
Jan-Willem Wilco Erwin Michel Raymond Danny Jeffrey Stefan Mathijs/Thijs Vincent Niels Joost Roel Ruben Arnoud Ewout
Gert-Jan Menno Sjoerd Douwe Tjeerd Jurgen Johan Hendrik/Henk-Jan Pieter Willem Harmen Folkert Guido Leon Roy Björn
Rutger Olaf Bastiaan/Bas Sebastiaan/Bas Christiaan/Chris Frederik/Freek Alexander/Alex Jacobus/Jacco Antonius/Toon
Gerardus/Gerard
"""
WOMEN_NOW = """
Maria/Mirjam Johanna/Joanne Cornelia/Corine Wilhelmina/Wilma Monique Sandra Petra Astrid Ingrid Esther Linda Marjolein
Miranda Nicole Saskia Karin Annemarie Daniëlle Mariska Wendy Natasja Chantal Debby Bianca Marloes Marieke Maaike
Mirjam Judith Suzanne Femke Inge Ellen Barbara Brenda Angela Patricia Caroline Claudia Jolanda Yvonne Bregje Anouk
Nienke Hester Sietske Wietske Froukje Ilse Tamara Priscilla Marlies Renate Simone Heleen Carolien Elisabeth/Lisette
Catharina/Karin Margaretha/Margreet Hendrika/Rianne Anna/Anja Antonia/Antoinette Theodora/Dorine Leonie Ester José
Noortje Gerdien
"""

# Born since 1985.
MEN_YOUNG = """
Daan Sem Thomas Tim Lars Niels Rick Kevin Bram Jesse Stijn Ruben Luuk Thijs Joris Sven Max Koen Wesley Jordy Mike Nick
Robin Tom Jelle Gijs Floris Tijn Lucas Bart Sander Roy Dylan Stefan Jeroen Pim Guus Jurre Teun Wout Casper Jasper
Maarten Willem Pieter Rens Mees Thijmen Tobias Hidde Siebe Rutger Mathijs Jochem Laurens Olivier Quinten Vincent Milan
Joey Mitchell Johannes/Jan Cornelis/Cas Hendrik/Henk Jacob/Job Johannes/Joost Martijn Simon Emiel Wessel Harm Derk
Redmer
"""
WOMEN_YOUNG = """
Sanne Lisa Emma Julia Lotte Anouk Iris Eva Femke Fleur Sophie Anne Laura Naomi Kim Michelle Kelly Melissa Romy Merel
Roos Maud Isa Nina Noa Tess Lieke Floor Britt Manon Charlotte Amber Demi Esmée Jasmijn Marit Pleun Renske Wieke Hanna
Fenna Jildou Nynke Roosmarijn Willemijn Annelotte Veerle Suze Loes Yara Zoë Elise Imke Inge Marleen Myrthe Evi Rianne
Elisabeth/Lise Johanna/Hanna Maria/Mieke Catharina/Kato Cornelia/Lia Mirthe Daphne Larissa Denise Bo Puck Silke Jet
"""

SECOND_MEN = (
    "Johannes Maria Petrus Hendrik Cornelis Jacobus Wilhelmus Gerardus Antonius Franciscus Willem Jan Pieter Jozef"
)
SECOND_WOMEN = (
    "Maria Johanna Anna Elisabeth Catharina Margaretha Cornelia Helena Wilhelmina Petronella Adriana Francisca"
)

# Families that came later; with last names of their own.
TURKISH_MEN = (
    "Mehmet Mustafa Ahmet Murat Emre Hakan Serkan Yusuf Kerem Burak Cem Deniz Onur Tolga Kaan Ömer Selim Erkan"
)
TURKISH_WOMEN = (
    "Fatma Ayşe Emine Zeynep Elif Merve Esra Gülsüm Selin Büşra Derya Sevgi Ebru Hatice Özlem Şeyma Melek Nur"
)
MOROCCAN_MEN = (
    "Mohammed Youssef Rachid Hassan Karim Bilal Said Omar Hamza Ilias Younes Abdel Nabil Samir Khalid Ayoub Anouar"
)
MOROCCAN_WOMEN = (
    "Fatima Khadija Naima Samira Yasmina Hafsa Amina Nora Salma Ikram Imane Latifa Loubna Soumaya Hanan Zineb Rania"
)
POLISH_MEN = "Piotr Marcin Tomasz Paweł Krzysztof Michał Adam Jakub Łukasz Marek Mateusz Rafał Dawid Grzegorz"
POLISH_WOMEN = "Agnieszka Katarzyna Anna Magdalena Joanna Monika Ewa Aleksandra Karolina Natalia Małgorzata Justyna"
SURINAMESE_MEN = (
    "Ricardo Winston Radjesh Sanjay Clyde Vishal Orlando Humphrey Dennis Ravi Anil Glenn Errol Kenneth Romeo"
)
SURINAMESE_WOMEN = (
    "Sharon Sunita Shanti Melissa Priya Joyce Chandra Marlène Cheryl Anjali Gladys Indra Rowena Sherida Mavis"
)
